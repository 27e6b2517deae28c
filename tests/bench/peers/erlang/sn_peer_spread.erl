%% SPDX-License-Identifier: MIT
%%
%% One to many, and timers.
-module(sn_peer_spread).
-export([fork_join/1, broadcast/1, arm_cancel/1, fire/1]).

-define(LEAVES, 64).
-define(AT_ONCE, 512).
-define(LISTENERS, 64).
-define(ROUNDS, 16).
-define(ARMED, 1000).

now_ns() -> erlang:monotonic_time(nanosecond).

end_all(Pids) -> [begin unlink(Pid), exit(Pid, kill) end || Pid <- Pids].

%% Questions to many processes, 512 at once; their answers are added up.
fork_join(N) ->
    Workers = [spawn_link(fun leaf/0) || _ <- lists:seq(1, ?LEAVES)],
    Start = now_ns(),
    Sum = fork(N, list_to_tuple(Workers), 0),
    Elapsed = now_ns() - Start,
    Sum = N * (N - 1) div 2,
    end_all(Workers),
    Elapsed / N.

leaf() -> receive {Number, From} -> From ! {joined, Number}, leaf() end.

fork(0, _Workers, Sum) -> Sum;
fork(Left, Workers, Sum) ->
    Count = min(Left, ?AT_ONCE),
    ask(Left, Count, Workers),
    fork(Left - Count, Workers, join(Count, Sum)).

ask(_Left, 0, _Workers) -> ok;
ask(Left, Count, Workers) ->
    element(Left rem ?LEAVES + 1, Workers) ! {Left - 1, self()},
    ask(Left - 1, Count - 1, Workers).

join(0, Sum) -> Sum;
join(Count, Sum) -> receive {joined, Number} -> join(Count - 1, Sum + Number) end.

%% The value is per message delivered; each listener answers the last of a burst.
broadcast(N) ->
    Caster = self(),
    Listeners = [spawn_link(fun() -> listener(Caster) end) || _ <- lists:seq(1, ?LISTENERS)],
    Bursts = N div (?LISTENERS * ?ROUNDS) + 1,
    Start = now_ns(),
    bursts(Bursts, Listeners),
    Elapsed = now_ns() - Start,
    end_all(Listeners),
    Elapsed / (Bursts * ?LISTENERS * ?ROUNDS).

bursts(0, _Listeners) -> ok;
bursts(Left, Listeners) ->
    [begin
         Message = {hear, Round =:= ?ROUNDS, 1, 2, 3, 4, 5},
         [Listener ! Message || Listener <- Listeners]
     end || Round <- lists:seq(1, ?ROUNDS)],
    [receive heard -> ok end || _ <- Listeners],
    bursts(Left - 1, Listeners).

listener(Caster) ->
    receive
        {hear, true, _, _, _, _, _} -> Caster ! heard, listener(Caster);
        {hear, false, _, _, _, _, _} -> listener(Caster)
    end.

%% erlang:start_timer, which the Efficiency Guide prefers to the module timer.
arm_cancel(N) ->
    Far = [erlang:start_timer(3600000, self(), far) || _ <- lists:seq(1, ?ARMED)],
    Start = now_ns(),
    pairs(N),
    Elapsed = now_ns() - Start,
    [erlang:cancel_timer(Timer) || Timer <- Far],
    Elapsed / N.

pairs(0) -> ok;
pairs(N) ->
    Timer = erlang:start_timer(3600000, self(), far),
    erlang:cancel_timer(Timer),
    pairs(N - 1).

%% Timers of no time at all, in a thousand processes that start them again.
fire(N) ->
    Keeper = self(),
    Times = N div ?ARMED + 1,
    Start = now_ns(),
    [spawn_link(fun() -> again(Times, Keeper) end) || _ <- lists:seq(1, ?ARMED)],
    [receive finished -> ok end || _ <- lists:seq(1, ?ARMED)],
    (now_ns() - Start) / (Times * ?ARMED).

again(0, Keeper) -> unlink(Keeper), Keeper ! finished;
again(Left, Keeper) ->
    Timer = erlang:start_timer(0, self(), near),
    receive {timeout, Timer, near} -> again(Left - 1, Keeper) end.
