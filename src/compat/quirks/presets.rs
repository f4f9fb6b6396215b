//! Option files (`.ntprc`) and saved options.

use super::quirks;

quirks! {
    kept PRESETS_IN_CURRENT_FOLDER "presets-in-current-folder" ["ntpq" "ntpdc" "ntp-keygen"]
        "also reads `./.ntprc`" => "reads `~/.ntprc` and the environment only", "a file in the current directory must not control a program";
    cured PRESET_COMMANDS_ARE_GARBAGE "preset-commands-are-garbage" ["ntpq"]
        "runs garbage for a `command` in `.ntprc`" => "runs the command, before those on the command line", "that was the intention";
    kept PRESET_LINES_VERBATIM "preset-lines-verbatim" ["ntpq" "ntpdc" "ntp-keygen"]
        "ignores a last line without a newline, keeps trailing blanks in values, and allows no comment after an option" =>
        "accepts all of these", "editors produce them";
    kept PRESET_CONFLICTS_IGNORED "preset-conflicts-ignored" ["ntpq" "ntpdc" "ntp-keygen"]
        "does not notice conflicts between presets and the command line" => "lets the command line win", "the user typed it for this run";
    kept PRESET_FAULTS_SILENT "preset-faults-silent" ["ntpq" "ntpdc" "ntp-keygen"]
        "silently skips unreadable option files, and does not say where an invalid option is" =>
        "names the file and the cause", "users must notice options without effect";
    kept PRESET_REST_AFTER_FAULT "preset-rest-after-fault" ["ntpq" "ntpdc" "ntp-keygen"]
        "drops the words before an invalid one in variables such as `NTPQ`, and continues" => "reports the invalid one", "half of the options may mean something else";
    kept SAVED_OPTIONS_OVERWRITE "saved-options-overwrite" ["ntpq" "ntpdc" "ntp-keygen"]
        "`--save-opts` deletes the options of other programs from the file, and replaces a symbolic link" =>
        "keeps the rest of the file and follows the link", "the programs share the file";
    kept SAVED_VALUES_UNQUOTED "saved-values-unquoted" ["ntpq" "ntpdc" "ntp-keygen"]
        "saves values unquoted and only the last of several" => "quotes values and saves all of them", "reading them back must give the same options";
}
