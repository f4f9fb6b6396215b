//! chronyd's reports as chronyc prints them: its columns, and its CSV.
//!
//! Every value is printed twice: by the unit that suits it in the columns, and whole in the CSV, which has neither
//! headings nor units.

pub mod facts;
mod legends;
mod number;
mod records;
mod tables;
#[cfg(test)]
mod tests;

use crate::model::chronyd::Report;
use crate::wire::chrony::Address;
use std::fmt::Display;

/// How to print.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Style<'a> {
    /// Whether to print CSV.
    pub csv: bool,
    /// Whether to explain the columns above them.
    pub verbose: bool,
    /// Whether to list sources whose names have no address yet.
    pub all: bool,
    /// Whether the clients' NTS key establishments are printed instead of their commands.
    pub key_establishments: bool,
    /// The first field of each line of CSV, if there is one before chronyc's.
    pub host: Option<&'a str>,
    /// The name of an address.
    pub name: &'a dyn Fn(&Address) -> String,
}

/// Prints a report.
pub fn report(report: &Report, style: Style<'_>) -> String {
    match report {
        Report::Tracking(tracking) => records::tracking(tracking, style),
        Report::Sources(sources) => tables::sources(sources, style),
        Report::SourceStatistics(rows) => tables::statistics(rows, style),
        Report::Selection(rows) => tables::selection(rows, style),
        Report::Authentication(rows) => tables::authentication(rows, style),
        Report::Measurements(rows) => rows.iter().map(|row| records::measurement(row, style)).collect(),
        Report::ServerStatistics(statistics) => records::server(statistics, style),
        Report::Activity(activity) => records::activity(activity, style),
        Report::Clients(clients) => tables::clients(clients, style),
        Report::RealTimeClock(clock) => records::real_time_clock(clock, style),
    }
}

impl Style<'_> {
    /// The name of an address, with `>` for what is too long for its column. Only names are shortened.
    fn short_name(&self, address: &Address) -> String {
        const LONGEST: usize = 25;
        let mut name = (self.name)(address);
        if !self.csv && name.len() > LONGEST && name != crate::model::chronyd::address_text(address) {
            name = name.chars().take(LONGEST - 1).chain(['>']).collect();
        }
        name
    }
}

/// The lines of one row or record.
struct Lines {
    csv: bool,
    text: String,
    is_begun: bool,
}

impl Lines {
    fn new(style: Style<'_>) -> Self {
        let mut lines = Self { csv: style.csv, text: String::new(), is_begun: false };
        if let Some(host) = style.host.filter(|_| style.csv) {
            lines.put("", host);
        }
        lines
    }

    /// Text between the values.
    fn say(&mut self, text: &str) -> &mut Self {
        if !self.csv {
            self.text.push_str(text);
        }
        self
    }

    /// A value, in either form.
    fn put(&mut self, columns: impl Display, csv: impl Display) -> &mut Self {
        let text = if self.csv { csv.to_string() } else { columns.to_string() };
        if self.csv && self.is_begun {
            self.text.push(',');
        }
        self.is_begun = true;
        self.text.push_str(&text);
        self
    }

    /// A value with the same text in both.
    fn same(&mut self, value: impl Display) -> &mut Self {
        let text = value.to_string();
        self.put(&text, &text)
    }

    /// A line of a record: its label, its value and its unit.
    fn line(&mut self, label: &str, value: impl Display, unit: &str) -> &mut Self {
        self.say(label).same(value).say(unit).say("\n")
    }

    fn end(mut self) -> String {
        if self.csv {
            self.text.push('\n');
        }
        self.text
    }
}
