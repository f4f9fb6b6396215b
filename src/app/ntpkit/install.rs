//! `ntpkit install`: creates links named after the applets, so that scripts find `ntpq` where they expect it.

use crate::cli::files;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

/// The arguments of `ntpkit install`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct InstallArgs {
    /// Directory for the links [default: the directory of this program]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Replace existing files and links to other programs
    #[arg(long, conflicts_with = "uninstall")]
    pub force: bool,
    /// Remove this program's links instead
    #[arg(long)]
    pub uninstall: bool,
}

impl InstallArgs {
    /// Creates or removes the links to the running program, one per applet, and reports each on a line.
    ///
    /// # Errors
    /// The errors of [`install`] and [`uninstall`].
    pub fn run(&self, applets: &[&str], report: &mut dyn Write) -> Result<(), InstallError> {
        let program = env::current_exe().map_err(InstallError::UnknownProgram)?;
        let folder = match &self.dir {
            Some(folder) => folder.as_path(),
            None => program.parent().unwrap_or(Path::new("/")),
        };
        if self.uninstall {
            uninstall(folder, &program, applets, report)
        } else {
            install(folder, &program, applets, self.force, report)
        }
    }
}

/// Creates a relative symbolic link to `program` in `folder` for each applet, and reports each on a line.
///
/// A link that already leads to the program is left alone. If another file has one of the names and `force` is not set,
/// nothing is changed at all. With `force`, each name refers to either the old file or the new link at any moment. A
/// directory is never replaced, nor is the program itself.
///
/// # Errors
/// [`InstallError`]: links created before the error remain.
pub fn install(
    folder: &Path,
    program: &Path,
    applets: &[&str],
    force: bool,
    report: &mut dyn Write,
) -> Result<(), InstallError> {
    let place = Place::find(folder, program)?;
    let names = applets
        .iter()
        .map(|applet| {
            let path = place.folder.join(applet);
            Ok((place.occupant(&path)?, path))
        })
        .collect::<Result<Vec<_>, InstallError>>()?;
    let foreign = |occupant| occupant == Occupant::Folder || (occupant == Occupant::Foreign && !force);
    let in_the_way: Vec<_> =
        names.iter().filter(|(found, _)| foreign(*found)).map(|(_, path)| path).collect();
    if !in_the_way.is_empty() {
        return Err(InstallError::InTheWay {
            paths: in_the_way.into_iter().cloned().collect(),
            program: place.program,
        });
    }
    for (occupant, path) in names {
        let done = match occupant {
            Occupant::Program => "is the program itself, unchanged",
            Occupant::OwnLink => "links to the program, unchanged",
            Occupant::Foreign => {
                files::link(&path, &place.target).map_err(fault(&path))?;
                "replaced"
            }
            // If somebody else takes the name at this moment, the link is not created.
            Occupant::Nobody | Occupant::Folder => {
                symlink(&place.target, &path).map_err(fault(&path))?;
                "made"
            }
        };
        writeln!(report, "{}: {done}", path.display()).map_err(InstallError::Report)?;
    }
    Ok(())
}

/// Removes the applets' links in `folder` that lead to `program`, and reports each on a line, as well as files of these
/// names that are kept.
///
/// # Errors
/// [`InstallError`]: links removed before the error stay removed.
pub fn uninstall(
    folder: &Path,
    program: &Path,
    applets: &[&str],
    report: &mut dyn Write,
) -> Result<(), InstallError> {
    let place = Place::find(folder, program)?;
    for applet in applets {
        let path = place.folder.join(applet);
        let done = match place.occupant(&path)? {
            Occupant::Nobody => continue,
            Occupant::Program => "is the program itself, kept",
            Occupant::Foreign | Occupant::Folder => "does not link to the program, kept",
            Occupant::OwnLink => {
                fs::remove_file(&path).map_err(fault(&path))?;
                "removed"
            }
        };
        writeln!(report, "{}: {done}", path.display()).map_err(InstallError::Report)?;
    }
    Ok(())
}

/// The directory of the links and the target, both canonical, so that `..` is reliable.
struct Place {
    folder: PathBuf,
    program: PathBuf,
    /// The text of the links: the program relative to the directory.
    target: PathBuf,
}

/// What currently has the name of a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occupant {
    Nobody,
    Program,
    OwnLink,
    Folder,
    Foreign,
}

impl Place {
    fn find(folder: &Path, program: &Path) -> Result<Self, InstallError> {
        let program = program.canonicalize().map_err(fault(program))?;
        let folder = folder.canonicalize().map_err(fault(folder))?;
        let target = relative(&folder, &program);
        Ok(Self { folder, program, target })
    }

    fn occupant(&self, path: &Path) -> Result<Occupant, InstallError> {
        let kind = match path.symlink_metadata() {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Occupant::Nobody),
            Err(error) => return Err(fault(path)(error)),
        };
        // A dangling or circular link belongs to somebody else.
        let ours = path.canonicalize().is_ok_and(|found| found == self.program);
        Ok(match (ours, kind.is_symlink()) {
            (true, true) => Occupant::OwnLink,
            (true, false) => Occupant::Program,
            (false, _) if kind.is_dir() => Occupant::Folder,
            (false, _) => Occupant::Foreign,
        })
    }
}

/// The relative path from a directory to a file, both absolute.
fn relative(folder: &Path, file: &Path) -> PathBuf {
    let shared = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    let path = path.to_owned();
    move |cause| InstallError::File { path, cause }
}

/// Why not all links could be created or removed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The system does not report where the running program is.
    #[error("the path of this program is unknown: {0}")]
    UnknownProgram(io::Error),
    /// A file or directory could not be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The names of links are taken; nothing was changed.
    #[error("{}", in_the_way(paths, program))]
    InTheWay {
        /// The files that have these names.
        paths: Vec<PathBuf>,
        /// The program that they do not link to.
        program: PathBuf,
    },
    /// The report could not be written.
    #[error("cannot report: {0}")]
    Report(io::Error),
}

/// One line per path.
fn in_the_way(paths: &[PathBuf], program: &Path) -> String {
    let line = |path: &PathBuf| {
        if path.is_dir() && !path.is_symlink() {
            format!("{}: is a directory", path.display())
        } else {
            let program = program.display();
            format!("{}: exists and is not a link to {program} (use --force to replace it)", path.display())
        }
    };
    paths.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use tempfile::TempDir;

    use super::*;

    const APPLETS: [&str; 2] = ["ntpdate", "ntpq"];

    /// A tree with a program `opt/kit/ntpkit` and an empty directory `bin`.
    struct Tree {
        root: TempDir,
    }

    impl Tree {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("opt/kit")).unwrap();
            fs::create_dir(root.path().join("bin")).unwrap();
            fs::write(root.path().join("opt/kit/ntpkit"), "the program").unwrap();
            Self { root }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.root.path().canonicalize().unwrap().join(path)
        }

        fn install(&self, folder: &str, force: bool) -> Result<String, String> {
            let mut report = Vec::new();
            let program = self.path("opt/kit/ntpkit");
            let done = install(&self.path(folder), &program, &APPLETS, force, &mut report);
            self.reported(done, report)
        }

        fn uninstall(&self, folder: &str) -> Result<String, String> {
            let mut report = Vec::new();
            let program = self.path("opt/kit/ntpkit");
            let done = uninstall(&self.path(folder), &program, &APPLETS, &mut report);
            self.reported(done, report)
        }

        /// The report or the error, with paths relative to the tree.
        fn reported(&self, done: Result<(), InstallError>, report: Vec<u8>) -> Result<String, String> {
            let root = format!("{}/", self.path("").display()).replace("//", "/");
            let plain = |text: String| text.replace(&root, "");
            done.map(|()| plain(String::from_utf8(report).unwrap())).map_err(|error| plain(error.to_string()))
        }

        fn names(&self, folder: &str) -> Vec<String> {
            let names = fs::read_dir(self.path(folder)).unwrap();
            let mut names: Vec<_> =
                names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn links_are_relative_and_lead_to_the_program() {
        let tree = Tree::new();
        assert_eq!(tree.install("bin", false).unwrap(), "bin/ntpdate: made\nbin/ntpq: made\n");
        assert_eq!(fs::read_link(tree.path("bin/ntpq")).unwrap(), Path::new("../opt/kit/ntpkit"));
        assert_eq!(fs::read_to_string(tree.path("bin/ntpdate")).unwrap(), "the program");
        tree.install("opt/kit", false).unwrap();
        assert_eq!(fs::read_link(tree.path("opt/kit/ntpq")).unwrap(), Path::new("ntpkit"));
        assert_eq!(fs::read_to_string(tree.path("opt/kit/ntpq")).unwrap(), "the program");
    }

    #[test]
    fn links_in_a_linked_directory_lead_to_the_program() {
        let tree = Tree::new();
        fs::create_dir_all(tree.path("deep/er")).unwrap();
        symlink("deep/er", tree.path("short")).unwrap();
        tree.install("short", false).unwrap();
        assert_eq!(fs::read_to_string(tree.path("deep/er/ntpq")).unwrap(), "the program");
    }

    #[test]
    fn own_links_are_left_alone() {
        let tree = Tree::new();
        symlink(tree.path("opt/kit/ntpkit"), tree.path("bin/ntpq")).unwrap();
        let reported = tree.install("bin", false).unwrap();
        assert_eq!(reported, "bin/ntpdate: made\nbin/ntpq: links to the program, unchanged\n");
        assert!(fs::read_link(tree.path("bin/ntpq")).unwrap().is_absolute());
    }

    #[test]
    fn foreign_files_are_replaced_only_with_force() {
        let tree = Tree::new();
        fs::write(tree.path("bin/ntpq"), "another program").unwrap();
        let error = tree.install("bin", false).unwrap_err();
        assert_eq!(error, "bin/ntpq: exists and is not a link to opt/kit/ntpkit (use --force to replace it)");
        assert_eq!(tree.names("bin"), ["ntpq"]);
        assert_eq!(fs::read_to_string(tree.path("bin/ntpq")).unwrap(), "another program");
        assert_eq!(tree.install("bin", true).unwrap(), "bin/ntpdate: made\nbin/ntpq: replaced\n");
        assert_eq!(fs::read_to_string(tree.path("bin/ntpq")).unwrap(), "the program");
        assert_eq!(tree.names("bin"), ["ntpdate", "ntpq"]);
    }

    #[test]
    fn other_and_dangling_links_are_foreign() {
        let tree = Tree::new();
        symlink("/nowhere", tree.path("bin/ntpq")).unwrap();
        symlink("ntpdate", tree.path("bin/ntpdate")).unwrap();
        let error = tree.install("bin", false).unwrap_err();
        assert!(error.starts_with("bin/ntpdate: exists") && error.contains("\nbin/ntpq: exists"), "{error}");
        assert_eq!(tree.install("bin", true).unwrap(), "bin/ntpdate: replaced\nbin/ntpq: replaced\n");
    }

    #[test]
    fn directories_and_the_program_are_never_replaced() {
        let tree = Tree::new();
        fs::create_dir(tree.path("bin/ntpq")).unwrap();
        assert_eq!(tree.install("bin", true).unwrap_err(), "bin/ntpq: is a directory");
        assert_eq!(tree.names("bin"), ["ntpq"]);
        fs::rename(tree.path("opt/kit/ntpkit"), tree.path("opt/kit/ntpq")).unwrap();
        let mut report = Vec::new();
        let program = tree.path("opt/kit/ntpq");
        install(&tree.path("opt/kit"), &program, &["ntpq"], true, &mut report).unwrap();
        assert!(report.ends_with(b"/opt/kit/ntpq: is the program itself, unchanged\n"));
        assert_eq!(fs::read_to_string(program).unwrap(), "the program");
    }

    #[test]
    fn uninstalling_removes_only_own_links() {
        let tree = Tree::new();
        tree.install("bin", false).unwrap();
        fs::remove_file(tree.path("bin/ntpdate")).unwrap();
        fs::write(tree.path("bin/ntpdate"), "another program").unwrap();
        let reported = tree.uninstall("bin").unwrap();
        assert_eq!(reported, "bin/ntpdate: does not link to the program, kept\nbin/ntpq: removed\n");
        assert_eq!(tree.names("bin"), ["ntpdate"]);
        assert_eq!(tree.uninstall("opt/kit").unwrap(), "");
    }

    #[test]
    fn errors_name_the_path_and_the_cause() {
        let tree = Tree::new();
        for error in [tree.install("no", false), tree.uninstall("no")] {
            assert_eq!(error.unwrap_err(), "no: No such file or directory (os error 2)");
        }
    }

    #[test]
    fn a_report_that_cannot_be_written_is_an_error() {
        let tree = Tree::new();
        let mut full: &mut [u8] = &mut [0; 3];
        let done = install(&tree.path("bin"), &tree.path("opt/kit/ntpkit"), &APPLETS, false, &mut full);
        assert!(matches!(done, Err(InstallError::Report(_))), "{done:?}");
    }

    #[test]
    fn links_lead_to_the_running_program() {
        #[derive(clap::Parser)]
        struct CommandLine {
            #[command(flatten)]
            install: InstallArgs,
        }
        let tree = Tree::new();
        let folder = tree.path("bin");
        let run = |more: &[&str]| {
            let words = ["install", "--dir", folder.to_str().unwrap()];
            let line = CommandLine::try_parse_from(words.iter().chain(more)).unwrap();
            line.install.run(&APPLETS, &mut Vec::new())
        };
        run(&[]).unwrap();
        let running = env::current_exe().unwrap().canonicalize().unwrap();
        assert_eq!(folder.join("ntpq").canonicalize().unwrap(), running);
        run(&["--uninstall"]).unwrap();
        assert_eq!(tree.names("bin"), [""; 0]);
        let both = ["install", "--force", "--uninstall"];
        assert!(CommandLine::try_parse_from(both).is_err());
    }
}
