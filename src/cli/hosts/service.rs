//! Prometheus file-based service discovery.

use super::contents::Contents;
use super::value::Value;

/// Reads a list of target groups.
///
/// # Errors
/// The document is not a list.
pub fn read(document: &impl Value) -> Result<Contents, String> {
    let groups = document.items().ok_or("not a list of target groups")?;
    let mut contents = Contents::default();
    for group in groups {
        let Some(targets) = group.get("targets").and_then(|targets| targets.items()) else {
            contents.fault(group.line(), "a target group without targets");
            continue;
        };
        for target in targets {
            match target.text() {
                Some(text) => contents.add(target.line(), text),
                None => contents.fault(target.line(), "a target that is not a string"),
            }
            if contents.is_full() {
                return Ok(contents);
            }
        }
    }
    Ok(contents)
}
