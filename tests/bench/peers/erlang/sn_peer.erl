%% SPDX-License-Identifier: MIT
%%
%% The workloads in Erlang, as its Efficiency Guide advises: small tuples or a 64-byte binary as
%% messages, receives that match the next message, default heap sizes, hibernation for processes
%% that wait for long, and gen_server for questions. Mailboxes are unbounded, so senders wait for a
%% credit every ?WINDOW messages, as a bounded mailbox would make them. `{scheduler, N}` binds a
%% process to a scheduler where two sides must not share one.
-module(sn_peer).
-export([main/0, main/1, idle/1]).

-define(WINDOW, 1000).
-define(RING, 503).
-define(BATCH, 64).
-define(APART, [{scheduler, 2}]).

rows() ->
    [{"pingpong/same-shard", "ns", 500000, fun(N) -> pingpong(N, []) end},
     {"pingpong/cross-shard", "ns", 100000, fun(N) -> pingpong(N, ?APART) end},
     {"ask/same-shard", "ns", 500000, fun(N) -> ask(N, []) end},
     {"ask/cross-shard", "ns", 100000, fun(N) -> ask(N, ?APART) end},
     {"one-to-one/same-shard/8B", "ns", 2000000, fun(N) -> to_one(N, 1, 8, []) end},
     {"one-to-one/same-shard/64B", "ns", 2000000, fun(N) -> to_one(N, 1, 64, []) end},
     {"one-to-one/same-shard/256B", "ns", 1000000, fun(N) -> to_one(N, 1, 256, []) end},
     {"one-to-one/same-shard/4096B", "ns", 400000, fun(N) -> to_one(N, 1, 4096, []) end},
     {"one-to-one/cross-shard/8B", "ns", 2000000, fun(N) -> to_one(N, 1, 8, ?APART) end},
     {"one-to-one/cross-shard/64B", "ns", 2000000, fun(N) -> to_one(N, 1, 64, ?APART) end},
     {"one-to-one/cross-shard/256B", "ns", 1000000, fun(N) -> to_one(N, 1, 256, ?APART) end},
     {"one-to-one/cross-shard/4096B", "ns", 400000, fun(N) -> to_one(N, 1, 4096, ?APART) end},
     {"many-to-one/same-shard", "ns", 2000000, fun(N) -> to_one(N, 20, 64, []) end},
     {"many-to-one/cross-shard", "ns", 2000000, fun(N) -> to_one(N, 20, 64, []) end},
     {"ring/503", "ns", 1000000, fun ring/1},
     {"broadcast/same-shard", "ns", 1000000, fun sn_peer_spread:broadcast/1},
     {"broadcast/cross-shard", "ns", 1000000, fun sn_peer_spread:broadcast/1},
     {"fork-join/same-shard", "ns", 1000000, fun sn_peer_spread:fork_join/1},
     {"fork-join/cross-shard", "ns", 1000000, fun sn_peer_spread:fork_join/1},
     {"timer/arm-cancel", "ns", 1000000, fun sn_peer_spread:arm_cancel/1},
     {"timer/fire", "ns", 1000000, fun sn_peer_spread:fire/1},
     {"savina/counting/same-shard", "ns", 2000000, fun sn_peer_savina:counting/1},
     {"savina/counting/cross-shard", "ns", 2000000, fun sn_peer_savina:counting/1},
     {"savina/big/same-shard", "ns", 500000, fun sn_peer_savina:big/1},
     {"savina/big/cross-shard", "ns", 400000, fun sn_peer_savina:big/1},
     {"savina/cigarette-smokers/same-shard", "ns", 500000, fun sn_peer_savina:cigarette_smokers/1},
     {"savina/cigarette-smokers/cross-shard", "ns", 200000, fun sn_peer_savina:cigarette_smokers/1},
     {"savina/bank-transaction/same-shard", "ns", 300000, fun sn_peer_savina:bank_transaction/1},
     {"savina/bank-transaction/cross-shard", "ns", 300000, fun sn_peer_savina:bank_transaction/1},
     {"lifecycle/create-message-destroy", "ns", 200000, fun lifecycle/1},
     {"memory/idle-actor", "bytes", 200000, fun idle_memory/1}].

now_ns() -> erlang:monotonic_time(nanosecond).

%% The measuring process runs on scheduler 1, the other side where Where says.
pingpong(N, Where) ->
    Other = spawn_opt(fun pong/0, Where),
    Start = now_ns(),
    ping(N, Other),
    Elapsed = now_ns() - Start,
    Other ! stop,
    Elapsed / N.

ping(0, _Other) -> ok;
ping(N, Other) ->
    Other ! {self(), 1, 2, 3, 4, 5},
    receive {Other, _, _, _, _, _} -> ping(N - 1, Other) end.

pong() ->
    receive
        {From, A, B, C, D, E} -> From ! {self(), A, B, C, D, E}, pong();
        stop -> ok
    end.

ask(N, Where) ->
    {ok, Server} = gen_server:start(sn_peer_server, state, [{spawn_opt, Where}]),
    Start = now_ns(),
    ask_next(N, Server),
    Elapsed = now_ns() - Start,
    gen_server:stop(Server),
    Elapsed / N.

ask_next(0, _Server) -> ok;
ask_next(N, Server) ->
    {N, 2, 3, 4, 5} = gen_server:call(Server, {N, 2, 3, 4, 5}, infinity),
    ask_next(N - 1, Server).

%% The receiver is the measuring process. Each sender starts with two windows, so that on two
%% schedulers both sides can be busy at once.
to_one(N, Senders, Size, Where) ->
    Self = self(),
    Body = binary:copy(<<7>>, Size),
    Pids = [spawn_opt(fun() -> sender(Self, Body) end, Where) || _ <- lists:seq(1, Senders)],
    Start = now_ns(),
    [begin Pid ! more, Pid ! more end || Pid <- Pids],
    take(N, Size),
    Elapsed = now_ns() - Start,
    [begin unlink(Pid), exit(Pid, kill) end || Pid <- Pids],
    drain(),
    Elapsed / N.

%% A binary of more than 64 bytes travels by reference, so each message gets a copy of its own.
sender(To, Body) ->
    receive more -> ok end,
    case byte_size(Body) > 64 of
        true -> send_copies(?WINDOW, To, Body);
        false -> send_window(?WINDOW, To, Body)
    end,
    sender(To, Body).

send_copies(1, To, Body) -> To ! {credit, self(), binary:copy(Body)};
send_copies(N, To, Body) ->
    To ! binary:copy(Body),
    send_copies(N - 1, To, Body).

send_window(1, To, Body) -> To ! {credit, self(), Body};
send_window(N, To, Body) ->
    To ! Body,
    send_window(N - 1, To, Body).

take(0, _Size) -> ok;
take(N, Size) ->
    receive
        {credit, From, _} -> From ! more, take(N - 1, Size);
        <<_:Size/binary>> -> take(N - 1, Size)
    end.

drain() ->
    receive _ -> drain() after 10 -> ok end.

ring(N) ->
    Self = self(),
    First = spawn(fun() -> receive {next, Next} -> hop(Next, Self) end end),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> hop(Next, Self) end) end, First,
                       lists:seq(2, ?RING)),
    First ! {next, Last},
    Start = now_ns(),
    First ! N,
    receive done -> ok end,
    Elapsed = now_ns() - Start,
    First ! stop,
    Elapsed / N.

hop(Next, Home) ->
    receive
        0 -> Home ! done, hop(Next, Home);
        stop -> Next ! stop;
        N -> Next ! N - 1, hop(Next, Home)
    end.

lifecycle(N) ->
    Start = now_ns(),
    Batches = N div ?BATCH,
    batches(Batches),
    (now_ns() - Start) / (Batches * ?BATCH).

batches(0) -> ok;
batches(N) ->
    Self = self(),
    create(?BATCH, Self),
    join(?BATCH),
    batches(N - 1).

create(0, _Self) -> ok;
create(N, Self) ->
    Child = spawn(fun() -> receive {_, _, _, _, _} -> Self ! done end end),
    Child ! {N, 2, 3, 4, 5},
    create(N - 1, Self).

join(0) -> ok;
join(N) -> receive done -> join(N - 1) end.

resident_bytes() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.

%% hibernate shrinks an idle process to what it holds, as the Efficiency Guide says of processes
%% that are expected to wait for long.
idle_memory(N) ->
    erlang:garbage_collect(),
    Before = resident_bytes(),
    Pids = [spawn(?MODULE, idle, [{0, 1, 2, 3, 4, 5, 6, 7}]) || _ <- lists:seq(1, N)],
    settle(Pids),
    After = resident_bytes(),
    [exit(Pid, kill) || Pid <- Pids],
    (After - Before) / N.

%% Until each has run and sleeps; the last created may still be waiting for its first turn.
settle([]) -> ok;
settle([Pid | Rest] = All) ->
    case process_info(Pid, current_function) of
        {current_function, {erlang, hibernate, 3}} -> settle(Rest);
        _ -> erlang:yield(), settle(All)
    end.

idle(State) ->
    receive
        Word -> idle(setelement(1, State, Word))
    after 0 -> erlang:hibernate(?MODULE, idle, [State])
    end.

main() -> main(init:get_plain_arguments()).

main(Arguments) ->
    try
        run(parse(Arguments, #{list => false, row => all, runs => 5, quick => false})),
        halt(0)
    catch
        throw:usage ->
            io:put_chars(standard_error,
                         "usage: erlang-peer --list | --row NAME [--runs N] [--quick]\n"),
            halt(2)
    end.

parse([], Options) -> Options;
parse(["--list" | Rest], Options) -> parse(Rest, Options#{list := true});
parse(["--quick" | Rest], Options) -> parse(Rest, Options#{quick := true});
parse(["--row", Name | Rest], Options) -> parse(Rest, Options#{row := Name});
parse(["--runs", Runs | Rest], Options) -> parse(Rest, Options#{runs := list_to_integer(Runs)});
parse(_, _) -> throw(usage).

run(#{list := true}) ->
    [io:format("~s~n", [Name]) || {Name, _, _, _} <- rows()];
run(#{row := all}) -> throw(usage);
run(#{row := Wanted, runs := Runs, quick := Quick}) ->
    [run_row(Row, Runs, Quick) || {Name, _, _, _} = Row <- rows(), Name =:= Wanted].

%% Each run in a process of its own, bound to scheduler 1, so that no run inherits a heap. One
%% unmeasured run warms up; for memory one run is all, as a second finds the heap grown.
run_row({Name, Unit, Operations, Run}, Runs0, Quick) ->
    N = case Quick of true -> Operations div 100 + 2000; false -> Operations end,
    Runs = case Unit of "bytes" -> 1; _ -> apart(Run, N), Runs0 end,
    Values = lists:sort([apart(Run, N) || _ <- lists:seq(1, Runs)]),
    Rank = fun(Percent) -> lists:nth((Runs * Percent + 99) div 100, Values) end,
    io:format("{\"name\": \"~s\", \"unit\": \"~s\", \"min\": ~.2f, \"median\": ~.2f, "
              "\"p95\": ~.2f, \"max\": ~.2f, \"runs\": ~b, "
              "\"parameters\": {\"schedulers\": ~b, \"operations\": ~b}}~n",
              [Name, Unit, hd(Values), Rank(50), Rank(95), lists:last(Values), Runs,
               erlang:system_info(schedulers_online), N]).

apart(Run, N) ->
    {Pid, Monitor} = spawn_opt(fun() -> exit({value, Run(N)}) end, [monitor, {scheduler, 1}]),
    receive {'DOWN', Monitor, process, Pid, {value, Value}} -> Value * 1.0 end.
