//! Writing variables, and the list of variables: `writevar`, `writelist`, `addvars`, `rmvars`, `clearvars`,
//! `showvars`.

use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed, Outcome};
use crate::console::findings::Findings;
use crate::console::local::text;
use crate::console::variable_list::VariableList;
use crate::model::report::{Report, VariableListReport};
use crate::render::classic::cooked::Subject;
use crate::wire::control::Opcode;

pub(super) fn write_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = shell.named(arguments.get(1..).unwrap_or_default());
    shell.write(arguments, &list)
}

pub(super) fn write_list(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = shell.variables.clone();
    shell.write(arguments, &list)
}

pub(super) fn add_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let reported = shell.variables.add(text(arguments, 0).unwrap_or_default());
    shell.report_warnings(&reported)
}

pub(super) fn remove_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let reported = shell.variables.remove(text(arguments, 0).unwrap_or_default());
    shell.report_warnings(&reported)
}

#[expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]
pub(super) fn clear_variables(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.variables = VariableList::default();
    Ok(Outcome::Done)
}

pub(super) fn show_variables(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    Findings::of(
        shell.variables.clone(),
        |variables, _| variables.lines(),
        |variables, _, origin| {
            Report::VariableList(VariableListReport { origin, entries: variables.entries().to_vec() })
        },
    )
    .found()
}

impl Shell {
    fn write(&mut self, arguments: &[Argument], list: &VariableList) -> CommandResult {
        let association = self.association_of(arguments).ok_or(Failed)?;
        let data = self.query_data(list);
        let reply = self.ask_with_key(Opcode::WRITE_VARIABLES, association, data).ok_or(Failed)?;
        if reply.data.is_empty() {
            let server = self.server_prefix();
            return Findings::in_lines(move |_| format!("{server}done! (no data returned)\n")).found();
        }
        self.variables_found(Subject::SystemOrPeer, association, reply, false).found()
    }

    fn report_warnings(&mut self, reported: &str) -> CommandResult {
        self.output.message(reported);
        if reported.is_empty() { Ok(Outcome::Done) } else { Err(Failed) }
    }
}
