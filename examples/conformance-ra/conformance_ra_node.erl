%% One server of the library: its state machine `ra_server`, and what `ra_server_proc` does around it, with messages that are
%% collected and timers that expire on request.
-module(conformance_ra_node).
-export([start/2, restart/1, deliver/2, timeout/2, propose/2, state/1, flush/1]).
-include("ra_records.hrl").

-import(conformance_ra_messages, [server_id/1, node_id/1]).

-define(UID, <<"CONFORMANCE">>).

-record(node, {
    id,
    voters,
    % A state of ra_server_proc.
    mode = follower,
    server,
    % Newest first.
    sent = [],
    % Votes that were asked for and not answered yet, newest first.
    calls = [],
    % {Term, Server}: where ra_server holds this as its vote, it is a pre-vote.
    pre_votes = []
}).

start(Id, Voters) ->
    recover(#node{id = Id, voters = Voters}).

restart(#node{id = Id, voters = Voters, pre_votes = PreVotes}) ->
    recover(#node{id = Id, voters = Voters, pre_votes = PreVotes}).

%% As ra_server_proc:init/1 and its states recover and recovered do.
recover(#node{id = Id, voters = Voters} = Node) ->
    #{names := Names} = System = ra_system:default_config(),
    {Name, _} = ServerId = server_id(Id),
    Config = #{
        id => ServerId,
        uid => ?UID,
        cluster_name => conformance,
        initial_members => [server_id(Voter) || Voter <- Voters],
        log_init_args => #{uid => ?UID},
        machine => {simple, fun(_, State) -> State end, none},
        system_config => System
    },
    ok = ra_directory:register_name(Names, ?UID, self(), undefined, Name, conformance),
    Server = ra_server:recover(ra_server:init(Config)),
    settle(enter(follower, Node#node{server = Server})).

%% A vote is asked for by a call, which waits for its one answer.
deliver(#{<<"from">> := From, <<"type">> := Type} = Message, Node0) when
    Type =:= <<"RequestVoteResponse">>; Type =:= <<"PreVoteResponse">>
->
    case take_call(server_id(From), conformance_ra_messages:to_ra(Message), Node0) of
        {Answer, Node} -> handle(Answer, nobody, Node);
        none -> Node0
    end;
deliver(#{<<"from">> := From} = Message, Node) ->
    handle(conformance_ra_messages:to_ra(Message), server_id(From), Node).

%% The latest call that this may answer: a vote that is given is one of the term that was asked for.
take_call(Peer, Answer, #node{calls = Calls} = Node) ->
    case lists:search(fun({To, Call}) -> To =:= Peer andalso is_answer(Answer, Call) end, Calls) of
        {value, {_, Call} = Found} -> {with_token(Answer, Call), Node#node{calls = lists:delete(Found, Calls)}};
        false -> none
    end.

is_answer(#request_vote_result{term = Term, vote_granted = Granted}, #request_vote_rpc{term = Asked}) ->
    Term =:= Asked orelse (not Granted andalso Term > Asked);
is_answer(#pre_vote_result{term = Term, vote_granted = Granted}, #pre_vote_rpc{term = Asked}) ->
    Term =:= Asked orelse (not Granted andalso Term > Asked);
is_answer(_, _) ->
    false.

with_token(#pre_vote_result{} = Answer, #pre_vote_rpc{token = Token}) -> Answer#pre_vote_result{token = Token};
with_token(Answer, _) -> Answer.

timeout(<<"electionTimeout">>, Node) ->
    handle(election_timeout, nobody, Node);
timeout(<<"heartbeatInterval">>, #node{mode = leader, server = Server0} = Node) ->
    % As ra_server_proc:leader/3 does at tick_timeout.
    {Server, Messages} = ra_server:make_rpcs(Server0),
    Effects = Messages ++ ra_server:tick(Server) ++ [{aux, tick}],
    settle(carry_out(Effects, nobody, Node#node{server = Server}));
timeout(Timer, _) ->
    throw(["has no timer ", Timer]).

%% As ra:pipeline_command/2 hands them in: who does not lead drops them, and says so to the client.
propose(Commands, #node{mode = leader} = Node) ->
    handle({commands, [conformance_ra_messages:command(Command) || Command <- Commands]}, nobody, Node);
propose(_, Node) ->
    Node.

%% Gives an event to ra_server, does what that asks for, and waits for the disk, until nothing is left to do.
handle(Event, Caller, Node) ->
    settle(step(Event, Caller, Node)).

settle(Node) ->
    ok = conformance_ra_disk:barrier(),
    receive
        {ra_log_event, _} = Event -> handle(Event, nobody, Node)
    after 0 -> Node
    end.

%% As ra_server_proc:handle_raft_state/3 does, and gen_statem, which handles an event that an event leads to before all others.
step(Event, Caller, #node{mode = Mode, server = Before} = Node) ->
    {Next, Server, Effects} = ra_server:(handler(Mode))(Event, Before),
    After = ra_server:persist_last_applied(Server),
    PreVotes = pre_votes(Event, Next, Before, After, Node#node.pre_votes),
    carry_out(Effects, Caller, Next, Node#node{server = After, pre_votes = PreVotes}).

handler(leader) -> handle_leader;
handler(follower) -> handle_follower;
handler(candidate) -> handle_candidate;
handler(pre_vote) -> handle_pre_vote;
handler(await_condition) -> handle_await_condition.

carry_out(Effects, Caller, #node{mode = Mode} = Node) ->
    carry_out(Effects, Caller, Mode, Node).

carry_out(Effects, Caller, Next, #node{mode = Mode} = Node0) ->
    {Events, Node1} = effects(Effects, Caller, {[], Node0}),
    Node =
        case Next of
            Mode -> Node1;
            _ -> enter(Next, Node1)
        end,
    lists:foldl(fun({Event, From}, Each) -> step(Event, From, Each) end, Node, lists:reverse(Events)).

enter(Mode, #node{server = Server0} = Node0) ->
    {Server, Effects} = ra_server:handle_state_enter(Mode, Server0),
    carry_out(Effects, nobody, Node0#node{mode = Mode, server = Server}).

%% As ra_server_proc:handle_effect/5 does. Returns the events that come next, the last first.
effects(Effects, Caller, Done) ->
    lists:foldl(fun(Effect, Each) -> effect(Effect, Caller, Each) end, Done, Effects).

effect(Effects, Caller, Done) when is_list(Effects) ->
    effects(Effects, Caller, Done);
effect({next_event, Event}, Caller, {Events, Node}) ->
    {[{Event, Caller} | Events], Node};
effect({next_event, _, Event}, _, {Events, Node}) ->
    {[{Event, nobody} | Events], Node};
effect({send_rpc, To, Message}, _, {Events, Node}) ->
    {Events, send(To, Message, Node)};
effect({cast, To, {_, Reply}}, _, {Events, Node}) ->
    {Events, send(To, Reply, Node)};
effect({reply, Reply}, Caller, {Events, Node}) when Caller =/= nobody ->
    {Events, send(Caller, Reply, Node)};
effect({send_vote_requests, Requests}, _, {Events, Node0}) ->
    Asked = lists:foldl(fun({To, Message}, Each) -> send(To, Message, Each) end, Node0, Requests),
    {Events, Asked#node{calls = lists:reverse(Requests) ++ Asked#node.calls}};
effect({aux, Command}, Caller, {Events, #node{mode = Mode, server = Server0} = Node}) ->
    {_, Server, Effects} = ra_server:handle_aux(Mode, cast, Command, Server0),
    effects(Effects, Caller, {Events, Node#node{server = Server}});
% These concern timers alone.
effect({record_leader_msg, _}, _, Done) ->
    Done;
effect(start_election_timeout, _, Done) ->
    Done.

send(To, Message, #node{id = Id, sent = Sent} = Node) ->
    Node#node{sent = [conformance_ra_messages:to_paper(Id, node_id(To), Message) | Sent]}.

%% What the node has sent since it was last asked.
flush(#node{sent = Sent} = Node) ->
    {lists:reverse(Sent), Node#node{sent = []}}.

%% ra_server keeps its pre-votes in the field that has its votes: which of these are not votes.
pre_votes(#pre_vote_rpc{}, _, Before, After, PreVotes) ->
    with_changed(Before, After, PreVotes);
pre_votes(election_timeout, pre_vote, Before, After, PreVotes) ->
    with_changed(Before, After, PreVotes);
pre_votes(#request_vote_rpc{term = Term, candidate_id = Vote}, _, _, #{current_term := Term, voted_for := Vote}, PreVotes) ->
    lists:delete({Term, Vote}, PreVotes);
pre_votes(_, _, _, _, PreVotes) ->
    PreVotes.

with_changed(#{current_term := Term, voted_for := Vote}, #{current_term := Term, voted_for := Vote}, PreVotes) -> PreVotes;
with_changed(_, #{current_term := Term, voted_for := Vote}, PreVotes) -> [{Term, Vote} | PreVotes].

state(#node{mode = Mode, server = Server, pre_votes = PreVotes}) ->
    #{current_term := Term, voted_for := Vote, last_applied := LastApplied, log := Log} = Server,
    {LastIndex, _} = ra_log:last_index_term(Log),
    #{
        role => role(Mode),
        term => Term,
        votedFor => voted_for(Vote, lists:member({Term, Vote}, PreVotes)),
        commitIndex => LastApplied,
        log => [term_at(Index, Log) || Index <- lists:seq(1, LastIndex)]
    }.

role(await_condition) -> follower;
role(pre_vote) -> preCandidate;
role(Mode) -> Mode.

voted_for(undefined, _) -> null;
voted_for(_, true) -> null;
voted_for(Server, false) -> node_id(Server).

term_at(Index, Log) ->
    {Term, _} = ra_log:fetch_term(Index, Log),
    Term.
