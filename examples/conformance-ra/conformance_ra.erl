%% Runs one server of RabbitMQ's ra under raftchart's conformance kit: requests on standard input, answers on standard
%% output, one JSON object a line.
-module(conformance_ra).
-export([main/0]).

-define(PROTOCOL_VERSION, 1).

%% README.md says why, of those that are not plain.
capabilities() ->
    #{preVote => true,
      noop => true,
      batches => true,
      durable => true,
      showsLog => true}.

main() ->
    Disk = conformance_ra_disk:new(),
    Lines = open_port({fd, 0, 1}, [{line, 1 bsl 20}, binary, eof]),
    loop(Lines, [], Disk, none),
    conformance_ra_disk:delete(Disk),
    halt().

loop(Port, Begun, Disk, Node) ->
    receive
        {Port, {data, {noeol, Part}}} ->
            loop(Port, [Begun, Part], Disk, Node);
        {Port, {data, {eol, Part}}} ->
            {Answer, Next} = answer(iolist_to_binary([Begun, Part]), Disk, Node),
            port_command(Port, [jsx:encode(Answer), $\n]),
            loop(Port, [], Disk, Next);
        {Port, eof} ->
            ok
    end.

%% Carries out one request. Where the library ends its own process, that is an answer too: the node is of no use until
%% the next init.
answer(Line, Disk, Node0) ->
    try
        Request = jsx:decode(Line, [return_maps]),
        Node1 = do(Request, Disk, Node0),
        {Sent, Node} = conformance_ra_node:flush(Node1),
        State = conformance_ra_node:state(Node),
        {maps:merge(#{ok => true, state => State, sent => Sent}, introduction(Request)), Node}
    catch
        throw:Reason ->
            {#{ok => false, error => iolist_to_binary(Reason)}, Node0};
        Class:Reason:Stack ->
            Text = io_lib:format("~p: ~0p at ~0p", [Class, Reason, hd(Stack)]),
            {#{ok => false, error => unicode:characters_to_binary(Text)}, none}
    end.

introduction(#{<<"do">> := <<"init">>}) ->
    {ok, Version} = application:get_key(ra, vsn),
    #{implementation => #{name => <<"ra">>, version => list_to_binary(Version)}, capabilities => capabilities()};
introduction(_) ->
    #{}.

do(#{<<"do">> := <<"init">>, <<"version">> := ?PROTOCOL_VERSION, <<"id">> := Id, <<"voters">> := Voters}, Disk, _) ->
    conformance_ra_disk:format(Disk),
    conformance_ra_node:start(Id, Voters);
do(#{<<"do">> := <<"init">>, <<"version">> := Version}, _, _) ->
    throw(io_lib:format("protocol version ~p; this adapter speaks ~b", [Version, ?PROTOCOL_VERSION]));
do(_, _, none) ->
    throw("no node: init comes first");
do(#{<<"do">> := <<"deliver">>, <<"message">> := Message}, _, Node) ->
    conformance_ra_node:deliver(Message, Node);
do(#{<<"do">> := <<"timeout">>, <<"timer">> := Timer}, _, Node) ->
    conformance_ra_node:timeout(Timer, Node);
do(#{<<"do">> := <<"propose">>, <<"commands">> := Commands}, _, Node) ->
    conformance_ra_node:propose(Commands, Node);
do(#{<<"do">> := <<"restart">>}, Disk, Node) ->
    conformance_ra_disk:crash(Disk),
    conformance_ra_node:restart(Node);
do(#{<<"do">> := <<"state">>}, _, Node) ->
    Node;
do(#{<<"do">> := Do}, _, _) ->
    throw(["cannot ", Do]).
