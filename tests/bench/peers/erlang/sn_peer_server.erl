%% SPDX-License-Identifier: MIT
%% The server of the ask rows: OTP's own gen_server, which is how Erlang asks.
-module(sn_peer_server).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).

init(State) -> {ok, State}.

handle_call(Body, _From, State) -> {reply, Body, State}.

handle_cast(_Message, State) -> {noreply, State}.
