//! The `--extra-opts=[SECTION][@FILE]` option of monitoring plugins: options from an INI file.

use super::files::read_regular;
use super::output::reason;
use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// The option's name.
const OPTION: &[u8] = b"--extra-opts";
/// The largest file accepted, in bytes.
const FILE_LIMIT: u64 = 1 << 20;
/// Where the file is searched for by default.
const PLACES: [&str; 11] = [
    "/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
    "/usr/local/etc/monitoring-plugins.ini",
    "/etc/monitoring-plugins/monitoring-plugins.ini",
    "/etc/monitoring-plugins.ini",
    "/etc/nagios/plugins.ini",
    "/usr/local/nagios/etc/plugins.ini",
    "/usr/local/etc/nagios/plugins.ini",
    "/etc/opt/nagios/plugins.ini",
    "/etc/nagios-plugins.ini",
    "/usr/local/etc/nagios-plugins.ini",
    "/etc/opt/nagios-plugins.ini",
];
/// File names searched for in the directories of `NAGIOS_CONFIG_PATH`.
const NAMES: [&str; 3] = ["monitoring-plugins.ini", "plugins.ini", "nagios-plugins.ini"];

/// Returns the command line with the options from the file before all others, as the plugins written in C order them.
///
/// # Errors
/// The file cannot be read, or its contents are invalid.
pub fn expand(words: &[OsString], plugin: &str) -> Result<Vec<OsString>, String> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let place = match word.as_bytes().strip_prefix(OPTION) {
            Some([]) => rest.next_if(|next| !next.as_bytes().starts_with(b"-")).cloned().unwrap_or_default(),
            Some([b'=', place @ ..]) => OsString::from_vec(place.to_vec()),
            _ => {
                after.push(word.clone());
                continue;
            }
        };
        let place = place.to_string_lossy();
        let (section, file) =
            place.split_once('@').map_or((&*place, None), |(section, file)| (section, Some(file)));
        let section = if section.is_empty() { plugin } else { section };
        let path = match file {
            Some(file) => Some(PathBuf::from(file)).filter(|_| !file.is_empty()),
            None => usual_file(),
        };
        let path = path.ok_or("Cannot find config file in any standard location.")?;
        let octets = read_regular(&path, FILE_LIMIT)
            .map_err(|error| format!("Can't read config file: {}", reason(&error)))?;
        before.extend(options(&String::from_utf8_lossy(&octets), section, &path)?);
    }
    before.extend(after);
    Ok(before)
}

/// The file that is read by default.
fn usual_file() -> Option<PathBuf> {
    if let Some(file) = env::var_os("MP_CONFIG_FILE") {
        return Some(file.into());
    }
    let folders = env::var_os("NAGIOS_CONFIG_PATH").unwrap_or_default();
    let named = env::split_paths(&folders).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    named.chain(PLACES.map(PathBuf::from)).find(|path| path.exists())
}

/// Returns the options of a section: `name = value` as `--name=value`, and a one-letter name as `-n` and its value.
fn options(text: &str, section: &str, path: &Path) -> Result<Vec<OsString>, String> {
    let mut words = Vec::new();
    let mut current = None;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            current = Some(head.split(']').next().unwrap_or_default().trim());
            continue;
        }
        let Some(current) = current else { return Err("Config file error".into()) };
        if current != section {
            continue;
        }
        let Some((name, value)) = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
        else {
            return Err("Config file error".into());
        };
        match (name.len(), value) {
            (0, _) => return Err("Config file error".into()),
            (1, "") => words.push(format!("-{name}").into()),
            (1, value) => words.extend([format!("-{name}").into(), value.into()]),
            (_, "") => words.push(format!("--{name}").into()),
            (_, value) => words.push(format!("--{name}={value}").into()),
        }
    }
    if words.is_empty() {
        let path = path.display();
        return Err(format!("Invalid section '{section}' in config file '{path}'"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_options_precede_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plugins.ini");
        std::fs::write(
            &path,
            "; comment\n[other]\nwarning=9\n[check_ntp_time]\nhostname = ntp1.example\nw=0.5\nquiet=\n[x]\nc=1\n",
        )
        .unwrap();
        let expand = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            expand(&words, "check_ntp_time")
        };
        let file = format!("@{}", path.display());
        assert_eq!(
            expand(&["-v", &format!("--extra-opts={file}"), "-c", "1"]).unwrap(),
            ["--hostname=ntp1.example", "-w", "0.5", "--quiet", "-v", "-c", "1"]
        );
        assert_eq!(expand(&["--extra-opts", &format!("x{file}")]).unwrap(), ["-c", "1"]);
        assert_eq!(
            expand(&[&format!("--extra-opts=none{file}")]).unwrap_err(),
            format!("Invalid section 'none' in config file '{}'", path.display())
        );
        assert_eq!(
            expand(&["--extra-opts=@/nowhere"]).unwrap_err(),
            "Can't read config file: No such file or directory"
        );
    }
}
