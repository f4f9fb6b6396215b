//! Writing variables, and the list of variables: `writevar`, `writelist`, `addvars`, `rmvars`, `clearvars`,
//! `showvars`.

use crate::console::Shell;
use crate::console::command::{Argument, Verdict};
use crate::console::local::text;
use crate::console::options::Format;
use crate::console::variable_list::VariableList;
use crate::model::report::{Report, VariableListReport};
use crate::render::classic::cooked::Subject;
use crate::wire::control::Opcode;

pub(super) fn write_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = shell.named(arguments.get(1..).unwrap_or_default());
    shell.write(arguments, &list)
}

pub(super) fn write_list(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = shell.variables.clone();
    shell.write(arguments, &list)
}

pub(super) fn add_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let told = shell.variables.add(text(arguments, 0).unwrap_or_default());
    shell.tell_of_list(&told)
}

pub(super) fn remove_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let told = shell.variables.remove(text(arguments, 0).unwrap_or_default());
    shell.tell_of_list(&told)
}

pub(super) fn clear_variables(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.variables = VariableList::default();
    Verdict::Done
}

pub(super) fn show_variables(shell: &mut Shell, _: &[Argument]) -> Verdict {
    if matches!(shell.settings.format, Format::Table | Format::Json) {
        let (origin, entries) = (shell.origin(), shell.variables.entries().to_vec());
        shell.deliver(Report::VariableList(VariableListReport { origin, entries }));
        return Verdict::Done;
    }
    let lines = shell.variables.lines();
    shell.output.result(lines);
    Verdict::Done
}

impl Shell {
    fn write(&mut self, arguments: &[Argument], list: &VariableList) -> Verdict {
        let Some(association) = self.association_of(arguments) else { return Verdict::Failed };
        let data = self.query_data(list);
        let Some(reply) = self.ask_with_key(Opcode::WRITE_VARIABLES, association, data) else {
            return Verdict::Failed;
        };
        if reply.data.is_empty() {
            let server = self.server_prefix();
            self.output.result(format!("{server}done! (no data returned)\n"));
        } else {
            self.print_variables(Subject::SystemOrPeer, association, &reply, false);
        }
        Verdict::Done
    }

    fn tell_of_list(&mut self, told: &str) -> Verdict {
        self.output.message(told);
        if told.is_empty() { Verdict::Done } else { Verdict::Failed }
    }
}
