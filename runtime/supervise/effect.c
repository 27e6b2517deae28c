/* SPDX-License-Identifier: MIT */

/* Every effect of the tree is made here, so that each kind is filled in the same way. */

#include "supervise/tree.h"

static void emit(struct sn_tree *tree, const struct sn_tree_effect *effect)
{
    tree->sink->effect(tree->sink, effect);
}

static struct sn_tree_effect about(enum sn_effect_kind kind, const struct sn_instance *instance)
{
    const struct sn_position *position = instance->position;
    struct sn_tree_effect effect = {
        .kind = kind,
        .member = SN_MEMBER_NONE,
        .supervisor = position->owner->spec->name,
        .child = position->spec->name,
    };

    if (!instance->below) {
        effect.member.index = instance->id;
        effect.incarnation = position->owner->tree->slots[instance->id].incarnation;
        effect.pool = position->spec->pool;
        effect.index = instance->index;
    }
    return effect;
}

static void emit_about(const struct sn_instance *instance, const struct sn_tree_effect *effect)
{
    emit(instance->position->owner->tree, effect);
}

void sn_effect_start(const struct sn_instance *instance, bool restored)
{
    struct sn_tree_effect effect = about(SN_EFFECT_START, instance);

    effect.restored = restored;
    emit_about(instance, &effect);
}

void sn_effect_stop(const struct sn_instance *instance, enum sn_stop_why why, uint64_t deadline_ns)
{
    struct sn_tree_effect effect = about(SN_EFFECT_STOP, instance);

    effect.why = why;
    effect.deadline_ns = deadline_ns;
    emit_about(instance, &effect);
}

void sn_effect_kill(const struct sn_instance *instance)
{
    struct sn_tree_effect effect = about(SN_EFFECT_KILL, instance);

    emit_about(instance, &effect);
}

void sn_effect_gone(const struct sn_instance *instance)
{
    struct sn_tree_effect effect = about(SN_EFFECT_GONE, instance);

    emit_about(instance, &effect);
}

void sn_effect_answer(struct sn_tree *tree, uint64_t token, int result,
                      const struct sn_instance *instance)
{
    struct sn_tree_effect effect = {.kind = SN_EFFECT_ANSWER, .member = SN_MEMBER_NONE};

    if (instance)
        effect = about(SN_EFFECT_ANSWER, instance);
    effect.token = token;
    effect.result = result;
    emit(tree, &effect);
}

void sn_effect_note(enum sn_note note, const struct sn_instance *instance, struct sn_exit exit,
                    uint64_t deadline_ns)
{
    struct sn_tree_effect effect = about(SN_EFFECT_NOTE, instance);

    effect.note = note;
    effect.exit = exit;
    effect.deadline_ns = deadline_ns;
    emit_about(instance, &effect);
}

void sn_effect_root(const struct sn_supervisor *root, enum sn_effect_kind kind)
{
    struct sn_tree_effect effect = {
        .kind = kind,
        .member = SN_MEMBER_NONE,
        .supervisor = root->spec->name,
    };

    if (kind == SN_EFFECT_START_FAILED) {
        effect.member.index = root->failure.id;
        effect.supervisor = root->failure.supervisor;
        effect.child = root->failure.child;
        effect.exit = root->failure.exit;
        effect.result = sn_exit_result(effect.exit);
    }
    if (kind == SN_EFFECT_STOPPED)
        effect.result = root->end.kind == SN_EXIT_FAILED ? root->end.code : 0;
    emit(root->tree, &effect);
}

/* Tell the owner of the tree when the earliest deadline has changed. */
void sn_effect_timer(struct sn_tree *tree)
{
    const struct sn_deadline *first = tree->deadlines.first;
    struct sn_tree_effect effect = {.kind = SN_EFFECT_SET_TIMER, .member = SN_MEMBER_NONE};

    if (!first) {
        if (!tree->timer_set)
            return;
        tree->timer_set = false;
        effect.kind = SN_EFFECT_CLEAR_TIMER;
    } else {
        if (tree->timer_set && tree->timer_ns == first->at_ns)
            return;
        tree->timer_set = true;
        tree->timer_ns = effect.deadline_ns = first->at_ns;
    }
    emit(tree, &effect);
}
