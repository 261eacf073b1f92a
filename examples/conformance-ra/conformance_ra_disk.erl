%% The library's own disk: its write-ahead log, segments and metadata in a folder of its own, written and recovered by its own
%% processes. They can be killed and started again.
-module(conformance_ra_disk).
-export([new/0, format/1, crash/1, delete/1, barrier/0]).

-define(PREFIX, "raftchart-conformance-ra-").

new() ->
    Parent = os:getenv("TMPDIR", "/tmp"),
    sweep(Parent),
    Folder = filename:join(Parent, ?PREFIX ++ os:getpid()),
    ok = file:make_dir(Folder),
    Folder.

%% An adapter that is killed, as the kit does in the end, leaves its folder behind.
sweep(Parent) ->
    [
        file:del_dir_r(filename:join(Parent, ?PREFIX ++ Pid))
     || ?PREFIX ++ Pid <- filelib:wildcard(?PREFIX ++ "[0-9]*", Parent),
        not filelib:is_dir("/proc/" ++ Pid)
    ].

%% An empty disk.
format(Folder) ->
    kill(),
    ok = file:del_dir_r(Folder),
    ok = file:make_dir(Folder),
    start(Folder).

%% What the processes of the library had not handed to the file system is lost.
crash(Folder) ->
    kill(),
    start(Folder).

delete(Folder) ->
    kill(),
    file:del_dir_r(Folder).

start(Folder) ->
    {ok, _} = ra:start_in(Folder),
    ok.

%% Kills them all, from the top: nobody is left to start another again, or to write on the way out.
kill() ->
    case whereis(ra_sup) of
        undefined -> ok;
        Top -> kill(descendants(Top))
    end.

kill(Processes) ->
    Monitors = [monitor(process, Process) || Process <- Processes],
    [exit(Process, kill) || Process <- Processes],
    [receive {'DOWN', Monitor, _, _, _} -> ok end || Monitor <- Monitors],
    await_closed().

descendants(Supervisor) ->
    Children = supervisor:which_children(Supervisor),
    [Supervisor | lists:append([
        case Type of
            supervisor -> descendants(Child);
            worker -> [Child]
        end
     || {_, Child, Type, _} <- Children, is_pid(Child)])].

%% Tables of dets are closed by another process, once their owner is gone.
await_closed() ->
    case dets:all() of
        [] -> ok;
        _ -> await_closed()
    end.

%% Returns once the writes asked for so far are on the disk, and the library has said so to whoever waits for it.
barrier() ->
    ok = ra_log_segment_writer:await(ra_log_segment_writer),
    % The server answers this between collecting a batch and writing it, too: then the batch is not empty.
    case element(2, sys:get_state(ra_log_wal)) of
        [] -> ok;
        _ -> barrier()
    end.
