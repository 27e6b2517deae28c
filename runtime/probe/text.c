/* SPDX-License-Identifier: MIT */
/* What the last call has done, as a text for people and for tests. */
#include "probe/probe.h"

#include <stdio.h>

enum { LINE_BYTES = 256 };

/* A message to a member, by its request's role if it has one. */
static int write_message(const struct sn_probe *probe, const struct sn_probe_effect *effect,
                         const char *verb, char *line)
{
    const struct sn_package *package = sn_probe_world(probe)->package;
    const struct sn_ask_type *ask =
        effect->kind == SN_PROBE_ASKED ? &probe->actor->type->asks[effect->number] : NULL;
    uint16_t message = ask != NULL ? ask->edge.message : effect->number;

    return snprintf(line, LINE_BYTES, "%s %s%s%s[%u] %s\n", effect->waits ? "wait" : verb,
                    ask != NULL ? ask->name : "", ask != NULL ? " " : "",
                    package->pools[effect->pool].name, effect->index,
                    package->messages[message].name);
}

static int write_line(const struct sn_probe *probe, const struct sn_probe_effect *effect,
                      char *line)
{
    static const char *const verbs[] = {
        [SN_PROBE_SENT] = "send",        [SN_PROBE_ASKED] = "ask",
        [SN_PROBE_REPLIED] = "reply",    [SN_PROBE_REFUSED] = "refuse",
        [SN_PROBE_STARTED] = "start",    [SN_PROBE_CANCELLED] = "cancel",
        [SN_PROBE_WATCHED] = "watch",    [SN_PROBE_UNWATCHED] = "unwatch",
        [SN_PROBE_LINKED] = "link",      [SN_PROBE_UNLINKED] = "unlink",
        [SN_PROBE_DIED] = "dead letter",
    };
    const struct sn_package *package = sn_probe_world(probe)->package;
    const char *verb = verbs[effect->kind], *request = "to another's request";

    switch (effect->kind) {
    case SN_PROBE_SENT:
    case SN_PROBE_ASKED:
    case SN_PROBE_DIED:
        return write_message(probe, effect, verb, line);
    case SN_PROBE_STARTED:
    case SN_PROBE_CANCELLED:
        return snprintf(line, LINE_BYTES, "%s %s\n", verb,
                        probe->actor->type->timers[effect->number].name);
    case SN_PROBE_REPLIED:
    case SN_PROBE_REFUSED:
        if (effect->number != SN_NO_MESSAGE)
            request = package->messages[effect->number].name;
        if (effect->kind == SN_PROBE_REPLIED)
            return snprintf(line, LINE_BYTES, "%s %s\n", verb, request);
        return snprintf(line, LINE_BYTES, "%s %s: %d\n", verb, request, effect->outcome);
    default:
        return snprintf(line, LINE_BYTES, "%s %s[%u]\n", verb, package->pools[effect->pool].name,
                        effect->index);
    }
}

const char *sn_probe_text(struct sn_probe *probe)
{
    const struct sn_allocator *allocator = probe->allocator;
    size_t size = (probe->effect_count + 1) * (size_t)LINE_BYTES, used = 0;

    sn_alloc_free(allocator, probe->text, probe->text_size);
    probe->text = sn_alloc_zeroed(allocator, size);
    probe->text_size = size;
    if (probe->text == NULL)
        return "";
    for (uint32_t i = 0; i < probe->effect_count; i++) {
        if (probe->effects[i].old)
            continue;
        int written = write_line(probe, &probe->effects[i], probe->text + used);

        used += written < LINE_BYTES ? (size_t)written : LINE_BYTES - 1;
    }
    return probe->text;
}
