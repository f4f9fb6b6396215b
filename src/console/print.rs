//! How values are shown under the current settings.

use super::Shell;
use super::options::RefidDisplay;
use crate::model::NetworkAddress;
use crate::render::classic::{HostNames, ReferenceIdForm, Style};
use crate::wire::variables::Scan;
use owo_colors::OwoColorize;
use std::net::IpAddr;

/// The variables whose addresses are shown by name.
const NAMED_ADDRESSES: [&str; 2] = ["srcadr", "peeradr"];

/// The addresses that these variables show by name.
pub(crate) fn named_addresses(scan: &Scan<'_>) -> Vec<IpAddr> {
    let value = |name: &&str| scan.value(name).and_then(NetworkAddress::parse);
    NAMED_ADDRESSES.iter().filter_map(value).map(|address| address.ip()).collect()
}

impl Shell {
    /// Renders something in the style selected by the settings, waiting for host names if needed.
    pub(crate) fn with_style<T>(&self, render: impl FnOnce(&Style<'_>) -> T) -> T {
        let name = |address| self.names.host_text(address);
        let style = Style {
            dialect: self.settings.dialect,
            reference_ids: self.reference_id_form(),
            names: if self.settings.host_names { HostNames::Named(&name) } else { HostNames::Numeric },
            now: self.now(),
            time_zone: crate::clock::zone::local(),
            units: self.settings.units,
            width: self.settings.forced_width,
        };
        render(&style)
    }

    /// How reference identifiers that are addresses are shown.
    pub(crate) fn reference_id_form(&self) -> ReferenceIdForm {
        match self.settings.refid {
            RefidDisplay::Ipv4 => ReferenceIdForm::Address,
            RefidDisplay::Hash => ReferenceIdForm::Hash,
        }
    }

    /// A line of a billboard with its tally character coloured if wanted. With several hosts the tally character
    /// follows the server column.
    pub(crate) fn colored(&self, line: String) -> String {
        let mut letters = line.chars();
        match letters.next() {
            Some(tally) if self.settings.color && !self.hosts.several => {
                let rest = letters.as_str();
                match tally {
                    '*' | 'o' => format!("{}{rest}", tally.green().bold()),
                    '+' | '#' => format!("{}{rest}", tally.green()),
                    '-' | '.' => format!("{}{rest}", tally.yellow()),
                    'x' => format!("{}{rest}", tally.red()),
                    _ => line,
                }
            }
            _ => line,
        }
    }
}
