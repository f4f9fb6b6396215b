//! A list of variables to request, as built by `addvars` and the arguments of `readvar`.

use crate::render::classic::escape::{escape, fault_line};
use crate::wire::control::DATA_LIMIT;
use crate::wire::variables::scan_as_original as scan;

/// The most names on a list.
const NAME_LIMIT: usize = 128;

/// Names, each with an optional value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableList {
    entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl VariableList {
    /// Adds the variables of `name[=value],...`; a name that is already listed takes the new value. Returns any error
    /// messages.
    pub fn add(&mut self, text: &[u8]) -> String {
        let scanned = scan(text);
        for variable in &scanned.variables {
            let value = variable.value.map(<[u8]>::to_vec);
            let full = self.entries.len() >= NAME_LIMIT;
            match self.entries.iter_mut().find(|(name, _)| name == variable.name) {
                Some((_, old)) => *old = value,
                None if full => return "Variable list full\n".into(),
                None => self.entries.push((variable.name.to_vec(), value)),
            }
        }
        scanned.fault.as_ref().map(fault_line).unwrap_or_default()
    }

    /// Removes the variables of `name,...`. Returns any error messages.
    pub fn remove(&mut self, text: &[u8]) -> String {
        let scanned = scan(text);
        let mut reported = String::new();
        for variable in &scanned.variables {
            match self.entries.iter().position(|(name, _)| name == variable.name) {
                Some(at) => drop(self.entries.remove(at)),
                None => reported += &format!("Variable `{}' not found\n", escape(variable.name)),
            }
        }
        reported + &scanned.fault.as_ref().map(fault_line).unwrap_or_default()
    }

    /// One line per variable, `name=value`; or a line saying that there are none.
    pub fn lines(&self) -> String {
        if self.entries.is_empty() {
            return "No variables on list\n".into();
        }
        self.entries
            .iter()
            .map(|(name, value)| {
                format!("{}={}\n", escape(name), escape(value.as_deref().unwrap_or_default()))
            })
            .collect()
    }

    /// The names with their values.
    pub fn entries(&self) -> &[(Vec<u8>, Option<Vec<u8>>)] {
        &self.entries
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The data of a request, and a message about anything that did not fit.
    pub fn query_data(&self) -> (Vec<u8>, String) {
        let mut data = Vec::new();
        for (name, value) in &self.entries {
            let mut item = if data.is_empty() { Vec::new() } else { b",".to_vec() };
            item.extend_from_slice(name);
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                item.push(b'=');
                item.extend_from_slice(value);
            }
            if data.len() + item.len() > DATA_LIMIT {
                return (data, format!("***Ignoring variables starting with `{}'\n", escape(name)));
            }
            data.append(&mut item);
        }
        (data, String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_joined_without_blanks() {
        let mut list = VariableList::default();
        assert_eq!(list.add(b"stratum, offset , leap=1"), "");
        assert_eq!(list.add(b"stratum=3,empty="), "");
        assert_eq!(list.query_data(), (b"stratum=3,offset,leap=1,empty".to_vec(), String::new()));
    }

    #[test]
    fn variables_are_removed_by_name() {
        let mut list = VariableList::default();
        assert_eq!(list.lines(), "No variables on list\n");
        list.add(b"a=1,b,stratum");
        assert_eq!(list.lines(), "a=1\nb=\nstratum=\n");
        assert_eq!(list.remove(b"zz, b"), "Variable `zz' not found\n");
        assert_eq!(list.lines(), "a=1\nstratum=\n");
    }

    #[test]
    fn variables_that_do_not_fit_are_omitted_and_reported() {
        let mut list = VariableList::default();
        for n in 0..100 {
            list.add(format!("variable{n}").as_bytes());
        }
        let (data, reported) = list.query_data();
        assert!(data.len() <= DATA_LIMIT && data.len() > DATA_LIMIT - 11);
        assert!(reported.starts_with("***Ignoring variables starting with `variable4"), "{reported}");
    }

    #[test]
    fn a_full_list_is_reported() {
        let mut list = VariableList::default();
        for n in 0..NAME_LIMIT {
            assert_eq!(list.add(format!("v{n}").as_bytes()), "");
        }
        assert_eq!(list.add(b"more"), "Variable list full\n");
        assert_eq!(list.add(b"v7=1"), "");
    }
}
