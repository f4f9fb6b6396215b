//! The completions of the shells, as `clap_complete` makes them of the options, and what options alone do not
//! say: the commands that `-c` takes, the applets that `ntpkit` takes, the words of some values.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::{Shell, generate};
use ntpkit::app::applet::APPLETS;
use ntpkit::app::{ntpdc, ntpq};

/// The words of values that the program reads with a function of its own.
const WORDS: &[(&str, &[&str])] = &[
    ("refid", &["hash", "ipv4"]),
    ("daemon", &["auto", "ntpd", "chronyd", "ntpd-rs", "timesyncd"]),
    ("types", &["AES128CMAC", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"]),
    ("sign_key", &["RSA", "DSA"]),
    ("cipher", &["des-ede3-cbc", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc"]),
    ("compat", &["4.2.8p15", "none"]),
    ("compat", &["4.2.8p15", "ntpsec", "none"]),
];
/// The operands that are hosts.
const HOSTS: [&str; 3] = ["hosts", "host", "servers"];
/// The programs that can print NTPsec's tables.
const WITH_NTPSEC_TABLES: [&str; 2] = ["ntpq", "ntpkit"];

/// The names and texts of all completion files.
pub fn files() -> Vec<(String, String)> {
    let files = programs().into_iter().flat_map(|program| {
        let name = program.get_name().to_owned();
        [
            (format!("completions/{name}.bash"), bash(&program)),
            (format!("completions/_{name}"), script(Shell::Zsh, &program)),
            (format!("completions/{name}.fish"), fish(&program)),
        ]
    });
    files.collect()
}

/// Every name under which the program is called: each applet, and `ntpkit` with all of them behind it.
fn programs() -> Vec<Command> {
    let applets: Vec<Command> = APPLETS
        .iter()
        .map(|applet| completed((applet.command)().name(applet.name).about(applet.purpose)))
        .collect();
    let names: Vec<&str> = APPLETS.iter().map(|applet| applet.name).collect();
    let topic = Arg::new("topic").value_parser(PossibleValuesParser::new(names)).help("applet to explain");
    let help = Command::new("help").about("Print this help, or that of an applet").arg(topic);
    let ntpkit = completed(ntpkit::app::ntpkit::command(ntpkit::app::applet::APPLETS))
        .mut_subcommands(|command| command.mut_args(with_hosts))
        .subcommands(applets.clone())
        .subcommand(help)
        .mut_subcommand("install", |install| install.mut_arg("dir", |dir| dir.value_hint(ValueHint::DirPath)))
        .mut_subcommand("demo", |demo| {
            demo.mut_arg("scenarios", |names| names.value_parser(PossibleValuesParser::new(scenarios())))
        });
    applets.into_iter().chain([ntpkit]).collect()
}

/// An operand that is a host, as such.
fn with_hosts(arg: Arg) -> Arg {
    if arg.is_positional() && HOSTS.contains(&arg.get_id().as_str()) {
        arg.value_hint(ValueHint::Hostname)
    } else {
        arg
    }
}

/// The scenarios of the demonstration; clap wants their names to live as long as the program.
fn scenarios() -> impl Iterator<Item = &'static str> {
    ntpkit::sim::demo().into_iter().map(|scenario| &*scenario.name.leak())
}

/// The command line with the words that its values can be.
fn completed(command: Command) -> Command {
    let last = WITH_NTPSEC_TABLES.contains(&command.get_name());
    let is_ntpdc = command.get_name() == "ntpdc";
    command.mut_args(|arg| match arg.get_id().as_str() {
        "command" => arg.value_parser(PossibleValuesParser::new(commands(is_ntpdc))),
        "hosts" => arg.value_hint(ValueHint::Hostname).help("daemon to ask"),
        id if arg.is_positional() && HOSTS.contains(&id) => with_hosts(arg),
        "user" => arg.value_hint(ValueHint::Username),
        // A value of it is never another word.
        "version" => plain(&arg, Arg::new("version").long("version").action(ArgAction::SetTrue)),
        // The scripts do not quote the letters of these, which shells take for their own.
        "save_opts" => plain(&arg, Arg::new("save_opts").long("save-opts").action(ArgAction::SetTrue)),
        "load_opts" => plain(&arg, Arg::new("load_opts").long("load-opts").value_hint(ValueHint::FilePath)),
        "more_help" => plain(&arg, Arg::new("more_help").long("more-help").action(ArgAction::SetTrue)),
        id => match words(id, last) {
            Some(words) => plain(&arg, arg.clone().value_parser(PossibleValuesParser::new(words))),
            None => plain(&arg, arg.clone()),
        },
    })
}

/// With the help of the original, without the backquotes that shells take for more than letters.
fn plain(original: &Arg, arg: Arg) -> Arg {
    let unquoted = |help: &dyn ToString| help.to_string().replace('`', "");
    let values: Vec<PossibleValue> = if arg.get_action().takes_values() {
        arg.get_possible_values()
            .into_iter()
            .map(|value| match value.get_help().map(|help| unquoted(help)) {
                Some(help) => value.help(help),
                None => value,
            })
            .collect()
    } else {
        Vec::new()
    };
    let help = original.get_help().map(|help| unquoted(help)).unwrap_or_default();
    let arg = arg.help(help);
    if values.is_empty() { arg } else { arg.value_parser(PossibleValuesParser::new(values)) }
}

/// The interactive commands. `?` would be a pattern to the shell; `help` is the same.
fn commands(is_ntpdc: bool) -> impl Iterator<Item = PossibleValue> {
    let commands = if is_ntpdc { ntpdc::COMMANDS } else { ntpq::COMMANDS };
    commands
        .iter()
        .filter(|command| command.name != "?")
        .map(|command| PossibleValue::new(command.name).help(command.description))
}

/// The words for an option; where there are two lists, the first or the last.
fn words(id: &str, last: bool) -> Option<&'static [&'static str]> {
    let mut lists = WORDS.iter().filter(|(known, _)| *known == id).map(|(_, words)| *words);
    if last { lists.next_back() } else { lists.next() }
}

fn script(shell: Shell, program: &Command) -> String {
    let mut text = Vec::new();
    generate(shell, &mut program.clone(), program.get_name(), &mut text);
    String::from_utf8(text).expect("a script is text")
}

/// For bash, the users of this machine for options that take one, and host names where there is nothing else to say of an
/// operand: those that ssh completes if bash-completion is loaded, else those of /etc/hosts.
fn bash(program: &Command) -> String {
    let name = program.get_name();
    // As clap_complete names the function.
    let function = name.replace('-', "__");
    let script = script(Shell::Bash, program);
    let called = if name == "ntpkit" {
        format!(
            "[[ \" {} \" == *\" ${{COMP_WORDS[1]}} \"* && ${{COMP_CWORD}} -gt 1 ]] || return 0\n    ",
            commands_with_hosts(program).join(" ")
        )
    } else {
        String::new()
    };
    let users = users(program).join("|");
    let users = if users.is_empty() {
        String::new()
    } else {
        format!(
            "case \"${{COMP_WORDS[COMP_CWORD-1]}}\" in\n        {users})\n            \
             COMPREPLY=( $(compgen -A user -- \"${{COMP_WORDS[COMP_CWORD]}}\") )\n            \
             return 0\n            ;;\n    esac\n    "
        )
    };
    let hosts = format!(
        "\n_{function}_with_hosts() {{\n    _{function} \"$@\"\n    {users}{called}if [[ ${{#COMPREPLY[@]}} -eq 0 && \
         ${{COMP_WORDS[COMP_CWORD]}} != -* ]]; then\n        \
         if declare -F _known_hosts_real >/dev/null; then\n            \
         _known_hosts_real -- \"${{COMP_WORDS[COMP_CWORD]}}\"\n        else\n            \
         COMPREPLY=( $(compgen -A hostname -- \"${{COMP_WORDS[COMP_CWORD]}}\") )\n        fi\n    fi\n}}\n\n"
    );
    let (functions, registration) =
        script.split_once("\nif [[").expect("the registration follows the function");
    let plain = format!("-F _{function} ");
    assert!(registration.contains(&plain), "{name}: the function has another name");
    let registration = registration.replace(&plain, &format!("-F _{function}_with_hosts "));
    format!("{functions}\n{hosts}if [[{registration}")
}

/// The options that take the name of a user, of the program or a command.
fn users(program: &Command) -> Vec<String> {
    let commands = std::iter::once(program).chain(program.get_subcommands());
    let arguments = commands.flat_map(Command::get_arguments);
    let options = arguments.filter(|arg| arg.get_value_hint() == ValueHint::Username);
    let mut names: Vec<String> = options
        .flat_map(|option| {
            let short = option.get_short().map(|short| format!("-{short}"));
            short.into_iter().chain(option.get_long().map(|long| format!("--{long}")))
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The commands of `ntpkit` that take hosts, in the order of its help.
fn commands_with_hosts(program: &Command) -> Vec<&str> {
    let is_host = |arg: &Arg| {
        arg.is_positional() && HOSTS.contains(&arg.get_id().as_str()) || arg.get_long() == Some("hostname")
    };
    let takes_hosts = |command: &&Command| command.get_arguments().any(is_host);
    program.get_subcommands().filter(takes_hosts).map(Command::get_name).collect()
}

/// For fish, the operands; and a question mark is a pattern to it.
fn fish(program: &Command) -> String {
    let name = program.get_name();
    let mut script = script(Shell::Fish, program).replace(" -s ? ", " -s '?' ");
    let inner = program
        .get_subcommands()
        .map(|inner| (format!(" -n \"__fish_{name}_using_subcommand {}\"", inner.get_name()), inner));
    for (condition, command) in std::iter::once((String::new(), program)).chain(inner) {
        for operand in command.get_positionals() {
            let values = operand.get_possible_values();
            let values: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            let offered = match operand.get_value_hint() {
                ValueHint::Hostname => "(__fish_print_hostnames)".to_owned(),
                _ => values.join(" "),
            };
            script += &format!("complete -c {name}{condition} -f -a \"{offered}\"\n");
        }
    }
    script
}

/// The program takes every word that is offered.
#[test]
fn words_are_values_that_the_program_reads() {
    for applet in APPLETS {
        let command = (applet.command)();
        for option in command.get_arguments().filter(|option| !option.is_positional()) {
            for word in
                words(option.get_id().as_str(), WITH_NTPSEC_TABLES.contains(&applet.name)).unwrap_or_default()
            {
                let long = format!("--{}={word}", option.get_long().expect("a long name"));
                let parsed = command.clone().try_get_matches_from([applet.name, &long]);
                assert!(parsed.is_ok(), "{long}: {parsed:?}");
            }
        }
    }
}

/// Each value that has words has an option.
#[test]
fn words_belong_to_options() {
    for (id, _) in WORDS.iter().chain([&("command", [].as_slice()), &("hosts", [].as_slice())]) {
        let has = |command: &Command| command.get_arguments().map(Arg::get_id).any(|known| known == id);
        assert!(APPLETS.iter().any(|applet| has(&(applet.command)())), "{id}");
    }
}
