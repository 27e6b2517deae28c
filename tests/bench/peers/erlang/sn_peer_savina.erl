%% SPDX-License-Identifier: MIT
%%
%% Four programs of the Savina suite (Imam and Sarkar, AGERE 2014), with its numbers of actors.
-module(sn_peer_savina).
-export([counting/1, big/1, cigarette_smokers/1, bank_transaction/1]).

-define(WINDOW, 1000).
-define(PAIRS, 20).
-define(SMOKERS, 200).
-define(ACCOUNTS, 1000).
-define(OPEN, 256).

timed(Operations, Work) ->
    Start = erlang:monotonic_time(nanosecond),
    Work(),
    (erlang:monotonic_time(nanosecond) - Start) / Operations.

end_all(Pids) -> [begin unlink(Pid), exit(Pid, kill) end || Pid <- Pids].

%% Increments to one counter, which says how many there were. The producer asks once a window, as
%% mailboxes have no bound.
counting(N) ->
    Counter = spawn_link(fun() -> counter(0) end),
    Value = timed(N, fun() -> produce(N, 0, Counter) end),
    end_all([Counter]),
    Value.

counter(Count) ->
    receive
        increment -> counter(Count + 1);
        {retrieve, From} -> From ! {count, Count}, counter(Count)
    end.

produce(0, _Sent, _Counter) -> ok;
produce(Left, Sent, Counter) ->
    Window = min(Left, ?WINDOW),
    increment(Window, Counter),
    Counter ! {retrieve, self()},
    Expected = Sent + Window,
    receive {count, Expected} -> ok end,
    produce(Left - Window, Expected, Counter).

increment(0, _Counter) -> ok;
increment(N, Counter) -> Counter ! increment, increment(N - 1, Counter).

%% Each actor has one ping under way to a random other one.
big(N) ->
    Judge = self(),
    Each = N div ?PAIRS,
    Actors = [spawn_link(fun() -> big_wait(Judge) end) || _ <- lists:seq(1, ?PAIRS)],
    All = list_to_tuple(Actors),
    Value = timed(Each * ?PAIRS, fun() ->
        [Actor ! {start, Index, All, Each} || {Index, Actor} <- lists:enumerate(Actors)],
        [receive finished -> ok end || _ <- Actors]
    end),
    end_all(Actors),
    Value.

big_wait(Judge) ->
    receive {start, Me, All, Left} -> ping(Me, All), big_loop(Me, All, Left, Judge) end.

ping(Me, All) ->
    Other = rand:uniform(?PAIRS - 1),
    element(if Other >= Me -> Other + 1; true -> Other end, All) ! {ping, self()}.

big_loop(Me, All, Left, Judge) ->
    receive
        {ping, From} ->
            From ! pong,
            big_loop(Me, All, Left, Judge);
        pong when Left > 1 ->
            ping(Me, All),
            big_loop(Me, All, Left - 1, Judge);
        pong ->
            Judge ! finished,
            big_loop(Me, All, 0, Judge)
    end.

%% An arbiter lets a random smoker start, which says when it did.
cigarette_smokers(N) ->
    Arbiter = self(),
    Smokers = [spawn_link(fun() -> smoker(Arbiter, 0) end) || _ <- lists:seq(1, ?SMOKERS)],
    All = list_to_tuple(Smokers),
    Value = timed(N, fun() -> arbitrate(N, All) end),
    end_all(Smokers),
    Value.

smoker(Arbiter, Sum) ->
    receive {smoke, Puffs} -> Arbiter ! started, smoker(Arbiter, Sum + Puffs) end.

arbitrate(0, _All) -> ok;
arbitrate(N, All) ->
    element(rand:uniform(?SMOKERS), All) ! {smoke, 1},
    receive started -> arbitrate(N - 1, All) end.

%% A credit at one account makes a debit at another; a number of transactions is open at once.
bank_transaction(N) ->
    Teller = self(),
    Accounts = [spawn_link(fun() -> account(Teller, 0) end) || _ <- lists:seq(1, ?ACCOUNTS)],
    All = list_to_tuple(Accounts),
    Value = timed(N, fun() ->
        Open = min(N, ?OPEN),
        [transfer(All) || _ <- lists:seq(1, Open)],
        transactions(N - Open, All),
        [receive {credited, _} -> ok end || _ <- lists:seq(1, Open)]
    end),
    end_all(Accounts),
    Value.

transactions(0, _All) -> ok;
transactions(Left, All) ->
    receive {credited, _} -> ok end,
    transfer(All),
    transactions(Left - 1, All).

transfer(All) ->
    From = rand:uniform(?ACCOUNTS),
    To = (From - 1 + rand:uniform(?ACCOUNTS - 1)) rem ?ACCOUNTS + 1,
    element(From, All) ! {credit, 1, element(To, All)}.

account(Teller, Balance) ->
    receive
        {credit, Amount, Other} ->
            Other ! {debit, Amount, self()},
            account(Teller, Balance - Amount);
        {debit, Amount, From} ->
            From ! debited,
            account(Teller, Balance + Amount);
        debited ->
            Teller ! {credited, Balance},
            account(Teller, Balance)
    end.
