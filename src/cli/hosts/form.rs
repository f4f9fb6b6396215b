//! The formats of hosts files, and how they are recognised.

use super::contents::Contents;
use super::json::Json;
use super::yaml::Yaml;
use super::{ansible, ini, list, service};
use clap::ValueEnum;
use std::net::Ipv6Addr;

/// The format of a hosts file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum HostsFormat {
    /// Detect the format from the content
    #[default]
    Auto,
    /// One host or network per line
    List,
    /// An Ansible inventory in INI format
    AnsibleIni,
    /// An Ansible inventory in JSON, as `ansible-inventory --list` prints it
    AnsibleJson,
    /// An Ansible inventory in YAML
    AnsibleYaml,
    /// Prometheus targets (`file_sd`) in JSON
    FileSdJson,
    /// Prometheus targets (`file_sd`) in YAML
    FileSdYaml,
}

/// Reads a file.
/// Reads a file in this format.
/// # Errors
/// The file is not in this format.
pub(super) fn read(octets: &[u8], format: HostsFormat) -> Result<Contents, String> {
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    let text = String::from_utf8_lossy(octets);
    let form = match format {
        HostsFormat::Auto => recognized(&text),
        said => said,
    };
    Ok(match form {
        HostsFormat::Auto | HostsFormat::List => list::read(&text),
        HostsFormat::AnsibleIni => ini::read(&text),
        HostsFormat::AnsibleJson => ansible::dynamic(&Json::parse(&text)?.root())?,
        HostsFormat::FileSdJson => service::read(&Json::parse(&text)?.root())?,
        HostsFormat::AnsibleYaml => ansible::tree(&Yaml::parse(&text)?.root())?,
        HostsFormat::FileSdYaml => service::read(&Yaml::parse(&text)?.root())?,
    })
}

/// Guesses the format of a file.
fn recognized(text: &str) -> HostsFormat {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let Some(first) = lines.clone().next() else { return HostsFormat::List };
    if first.starts_with('{') {
        return HostsFormat::AnsibleJson;
    }
    if first.starts_with('[') && !is_section(first) && !is_address(first) {
        return HostsFormat::FileSdJson;
    }
    if first.starts_with("---") || first.starts_with("%YAML") || first == "-" || first.starts_with("- ") {
        let is_mapping = lines.find(|line| !line.starts_with("---") && !line.starts_with('%'));
        return match is_mapping {
            Some(line) if !line.starts_with(['-', '[']) => HostsFormat::AnsibleYaml,
            _ => HostsFormat::FileSdYaml,
        };
    }
    if is_key(first) {
        return HostsFormat::AnsibleYaml;
    }
    let has_variables = |line: &str| line.split_whitespace().skip(1).any(|word| word.contains('='));
    if lines.any(|line| is_section(line) && !is_address(line) || has_variables(line)) {
        return HostsFormat::AnsibleIni;
    }
    HostsFormat::List
}

/// Whether a line is a section header: `[web]`, `[web:children]`.
fn is_section(line: &str) -> bool {
    let name = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_word = |letter: char| letter.is_alphanumeric() || "_-.: ".contains(letter);
    name.is_some_and(|(name, rest)| {
        let rest = rest.trim_start();
        !name.is_empty() && name.chars().all(is_word) && (rest.is_empty() || rest.starts_with(['#', ';']))
    })
}

/// Whether a line starts with an IPv6 address in brackets.
fn is_address(line: &str) -> bool {
    let inner = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inner.is_some_and(|(inner, _)| {
        inner.split('%').next().is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
    })
}

/// Whether a line is a key of a YAML mapping with nothing after it: `all:`.
fn is_key(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    line.strip_suffix(':').is_some_and(|key| !key.is_empty() && !key.contains([':', ' ', '[']))
}
