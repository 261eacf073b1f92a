#!/usr/bin/env escript
%% Prints the records that a module was compiled with, from its debug information.

main([Beam]) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    Records = [Form || {attribute, _, record, {Name, _}} = Form <- Forms, Name =/= cfg],
    [] =/= Records orelse halt(1),
    io:put_chars([erl_pp:form(untyped(Form)) || Form <- Records]).

%% The types are declared elsewhere.
untyped({attribute, At, record, {Name, Fields}}) ->
    {attribute, At, record, {Name, [untyped_field(Field) || Field <- Fields]}}.

untyped_field({typed_record_field, Field, _Type}) -> Field;
untyped_field(Field) -> Field.
