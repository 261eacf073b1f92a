%% Translates between the paper's messages and the library's.
-module(conformance_ra_messages).
-export([to_ra/1, to_paper/3, server_id/1, node_id/1, command/1]).
-include("ra_records.hrl").

%% A name of a server for each node of the paper; all are of one Erlang node, which needs no network.
server_id(Id) ->
    {list_to_atom("server_" ++ integer_to_list(Id)), node()}.

node_id({Name, _}) ->
    "server_" ++ Id = atom_to_list(Name),
    list_to_integer(Id).

%% The library's term of a pre-vote is the current one, and not the one that is campaigned for. Its token belongs to the call that
%% is answered, and is put in there.
to_ra(#{<<"type">> := <<"RequestVote">>, <<"from">> := From, <<"term">> := Term} = Message) ->
    #request_vote_rpc{
        term = Term,
        candidate_id = server_id(From),
        last_log_index = maps:get(<<"lastLogIndex">>, Message),
        last_log_term = maps:get(<<"lastLogTerm">>, Message)
    };
to_ra(#{<<"type">> := <<"PreVote">>, <<"from">> := From, <<"term">> := Term} = Message) ->
    #pre_vote_rpc{
        term = Term - 1,
        token = make_ref(),
        machine_version = 0,
        candidate_id = server_id(From),
        last_log_index = maps:get(<<"lastLogIndex">>, Message),
        last_log_term = maps:get(<<"lastLogTerm">>, Message)
    };
to_ra(#{<<"type">> := <<"RequestVoteResponse">>, <<"term">> := Term, <<"voteGranted">> := Granted}) ->
    #request_vote_result{term = Term, vote_granted = Granted};
to_ra(#{<<"type">> := <<"PreVoteResponse">>, <<"term">> := Term, <<"voteGranted">> := true}) ->
    #pre_vote_result{term = Term - 1, vote_granted = true};
to_ra(#{<<"type">> := <<"PreVoteResponse">>, <<"term">> := Term, <<"voteGranted">> := false}) ->
    #pre_vote_result{term = Term, vote_granted = false};
to_ra(#{<<"type">> := <<"AppendEntries">>, <<"from">> := From, <<"term">> := Term, <<"entries">> := Entries} = Message) ->
    PrevLogIndex = maps:get(<<"prevLogIndex">>, Message),
    #append_entries_rpc{
        term = Term,
        leader_id = server_id(From),
        leader_commit = maps:get(<<"leaderCommit">>, Message),
        prev_log_index = PrevLogIndex,
        prev_log_term = maps:get(<<"prevLogTerm">>, Message),
        entries = [
            entry_to_ra(Index, Entry)
         || {Index, Entry} <- lists:zip(lists:seq(PrevLogIndex + 1, PrevLogIndex + length(Entries)), Entries)
        ]
    };
to_ra(#{<<"type">> := <<"AppendEntriesResponse">>, <<"from">> := From, <<"term">> := Term, <<"success">> := true} = Message) ->
    MatchIndex = maps:get(<<"matchIndex">>, Message),
    % An acceptance is not looked at for its last_term.
    Reply = #append_entries_reply{term = Term, success = true, next_index = MatchIndex + 1, last_index = MatchIndex},
    {server_id(From), Reply};
to_ra(#{<<"type">> := <<"AppendEntriesResponse">>, <<"from">> := From, <<"term">> := Term} = Message) ->
    % A rejection also says what the follower's log holds last, and the leader takes that for acknowledged where it has the same
    % entry. The paper's says nothing of the kind: so much as a follower says whose log ends before what is in conflict, with an
    % entry that the leader does not have. Of entry 0 everybody has the same.
    LastIndex = max(1, maps:get(<<"conflictIndex">>, Message)) - 1,
    LastTerm =
        case LastIndex of
            0 -> 0;
            _ -> unlike_any
        end,
    Reply = #append_entries_reply{
        term = Term,
        success = false,
        next_index = LastIndex + 1,
        last_index = LastIndex,
        last_term = LastTerm
    },
    {server_id(From), Reply};
to_ra(#{<<"type">> := Type}) ->
    throw(["cannot take a ", Type]).

%% What the node From sends to the node To.
to_paper(From, To, Message) ->
    maps:merge(#{from => From, to => To}, to_paper(Message)).

to_paper(#request_vote_rpc{term = Term, last_log_index = LastLogIndex, last_log_term = LastLogTerm}) ->
    #{type => <<"RequestVote">>, term => Term, lastLogIndex => LastLogIndex, lastLogTerm => LastLogTerm};
to_paper(#pre_vote_rpc{term = Term, last_log_index = LastLogIndex, last_log_term = LastLogTerm}) ->
    #{type => <<"PreVote">>, term => Term + 1, lastLogIndex => LastLogIndex, lastLogTerm => LastLogTerm};
to_paper(#request_vote_result{term = Term, vote_granted = Granted}) ->
    #{type => <<"RequestVoteResponse">>, term => Term, voteGranted => Granted};
to_paper(#pre_vote_result{term = Term, vote_granted = true}) ->
    #{type => <<"PreVoteResponse">>, term => Term + 1, voteGranted => true};
to_paper(#pre_vote_result{term = Term, vote_granted = false}) ->
    #{type => <<"PreVoteResponse">>, term => Term, voteGranted => false};
to_paper(#append_entries_rpc{term = Term, prev_log_index = PrevLogIndex, prev_log_term = PrevLogTerm} = Message) ->
    #{
        type => <<"AppendEntries">>,
        term => Term,
        prevLogIndex => PrevLogIndex,
        prevLogTerm => PrevLogTerm,
        leaderCommit => Message#append_entries_rpc.leader_commit,
        entries => [entry_to_paper(Entry) || Entry <- Message#append_entries_rpc.entries]
    };
to_paper(#append_entries_reply{term = Term, success = true, last_index = LastIndex}) ->
    #{type => <<"AppendEntriesResponse">>, term => Term, success => true, matchIndex => LastIndex};
to_paper(#append_entries_reply{term = Term, success = false, next_index = NextIndex}) ->
    #{type => <<"AppendEntriesResponse">>, term => Term, success => false, matchIndex => 0, conflictIndex => NextIndex}.

command(Payload) ->
    {'$usr', #{ts => 0}, Payload, noreply}.

entry_to_ra(Index, #{<<"term">> := Term, <<"kind">> := <<"noop">>}) ->
    {Index, Term, {noop, #{ts => 0}, 0}};
entry_to_ra(Index, #{<<"term">> := Term, <<"kind">> := <<"command">>, <<"payload">> := Payload}) ->
    {Index, Term, command(Payload)};
entry_to_ra(_, #{<<"kind">> := Kind}) ->
    throw(["cannot take an entry of kind ", Kind]).

entry_to_paper({_, Term, {noop, _, _}}) ->
    #{term => Term, kind => <<"noop">>, payload => <<>>};
entry_to_paper({_, Term, {'$usr', _, Payload, _}}) ->
    #{term => Term, kind => <<"command">>, payload => Payload}.
