//! YAML as a tree with line numbers. Aliases and tags are ignored, because what they expand to is unbounded.

use super::value::Value;
use saphyr_parser::{Event, Parser};

/// The most values in a document.
const VALUE_LIMIT: usize = 1 << 20;
/// The deepest nesting of values.
const DEPTH_LIMIT: usize = 32;

/// A document.
#[derive(Debug)]
pub struct Yaml {
    root: Tree,
}

#[derive(Debug)]
struct Tree {
    line: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Scalar(String),
    Sequence(Vec<Tree>),
    /// Alternating keys and values.
    Mapping(Vec<Tree>),
    Other,
}

/// A value in a document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a>(&'a Tree);

impl Yaml {
    /// Parses the first document of a text.
    ///
    /// # Errors
    /// The parse error with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut stack: Vec<Tree> = Vec::new();
        let mut count = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event
                .map_err(|error| format!("not YAML: {} at line {}", error.info(), error.marker().line()))?;
            let line = span.start.line();
            count += 1;
            if count > VALUE_LIMIT {
                return Err(format!("more than {VALUE_LIMIT} values"));
            }
            let done = match event {
                Event::SequenceStart(..) | Event::MappingStart(..) if stack.len() >= DEPTH_LIMIT => {
                    return Err(format!("nested too deeply at line {line}"));
                }
                Event::SequenceStart(..) => {
                    stack.push(Tree { line, kind: Kind::Sequence(Vec::new()) });
                    continue;
                }
                Event::MappingStart(..) => {
                    stack.push(Tree { line, kind: Kind::Mapping(Vec::new()) });
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                    Some(tree) => tree,
                    None => continue,
                },
                Event::Scalar(text, ..) => Tree { line, kind: Kind::Scalar(text.into_owned()) },
                Event::Alias(_) => Tree { line, kind: Kind::Other },
                Event::DocumentEnd => break,
                _ => continue,
            };
            match stack.last_mut() {
                Some(Tree { kind: Kind::Sequence(children) | Kind::Mapping(children), .. }) => {
                    children.push(done);
                }
                _ => return Ok(Self { root: done }),
            }
        }
        Ok(Self { root: Tree { line: 1, kind: Kind::Other } })
    }

    /// The root value.
    pub fn root(&self) -> Node<'_> {
        Node(&self.root)
    }
}

impl Value for Node<'_> {
    fn line(&self) -> usize {
        self.0.line
    }

    fn text(&self) -> Option<String> {
        match &self.0.kind {
            Kind::Scalar(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        match &self.0.kind {
            Kind::Sequence(children) => Some(children.iter().map(Node).collect()),
            _ => None,
        }
    }

    fn entries(&self) -> Option<Vec<(String, Self)>> {
        let Kind::Mapping(children) = &self.0.kind else { return None };
        let pairs = children.chunks_exact(2).filter_map(|pair| match pair {
            [key, value] => Some((Node(key).text()?, Node(value))),
            _ => None,
        });
        Some(pairs.collect())
    }
}
