//! Pages of documentation and what is in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A page, named by its path in the project.
pub struct Page {
    pub name: String,
    pub text: String,
}

/// A block of commands, output or configuration.
pub struct Block {
    /// The word after the fence; `None` for an indented block.
    pub language: Option<String>,
    /// The lines, without the indentation of an indented block.
    pub lines: Vec<String>,
}

/// The folder of the project.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every page of the project.
pub fn pages() -> Vec<Page> {
    let mut found = Vec::new();
    collect(&project(), &mut found);
    found.sort();
    let pages: Vec<Page> = found.iter().map(|path| page(path)).collect();
    assert!(pages.len() > 15, "few pages: {found:?}");
    pages
}

/// The page with this path in the project.
pub fn page(name: &str) -> Page {
    let text = fs::read_to_string(project().join(name));
    Page { name: name.to_owned(), text: text.unwrap_or_else(|error| panic!("{name}: {error}")) }
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let path = path.strip_prefix(project()).expect("a path in the project");
            found.push(path.to_string_lossy().into_owned());
        }
    }
}

impl Page {
    /// The blocks: fenced ones, and those indented by four spaces after an empty line.
    pub fn blocks(&self) -> Vec<Block> {
        self.split().0
    }

    /// The lines outside blocks.
    pub fn prose(&self) -> Vec<&str> {
        self.split().1
    }

    fn split(&self) -> (Vec<Block>, Vec<&str>) {
        let (mut blocks, mut prose) = (Vec::<Block>::new(), Vec::new());
        let mut fenced = false;
        let mut indented = false;
        let mut previous = "";
        for line in self.text.lines() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                fenced = !fenced;
                if fenced {
                    blocks.push(Block { language: Some(language.to_owned()), lines: Vec::new() });
                }
            } else if fenced {
                blocks.last_mut().expect("a block").lines.push(line.to_owned());
            } else if let Some(code) = line.strip_prefix("    ").filter(|_| indented || previous.is_empty()) {
                if !indented {
                    blocks.push(Block { language: None, lines: Vec::new() });
                }
                indented = true;
                blocks.last_mut().expect("a block").lines.push(code.to_owned());
            } else {
                indented = false;
                prose.push(line);
            }
            previous = line;
        }
        assert!(!fenced, "{}: the last block has no end", self.name);
        (blocks, prose)
    }
}

impl Block {
    /// The lines without their comments.
    pub fn commands(&self) -> Vec<String> {
        self.lines.iter().map(|line| without_comment(line).to_owned()).collect()
    }

    /// Whether this block consists of shell commands, as an indented one does.
    pub fn is_shell(&self) -> bool {
        self.language.as_deref().is_none_or(|language| language == "sh")
    }
}

/// A line of shell without the comment at its end.
fn without_comment(line: &str) -> &str {
    line.split(" # ").next().unwrap_or_default().trim_end()
}
