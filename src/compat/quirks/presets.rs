//! Option files (`.ntprc`) and saved options.

use super::quirks;

quirks! {
    kept PRESETS_IN_CURRENT_FOLDER "presets-in-current-folder" ["ntpq" "ntpdc" "ntp-keygen"]
        "also reads `./.ntprc`" => "reads `~/.ntprc` and the environment only", "a file in the current folder must not steer a program";
    cured PRESET_COMMANDS_ARE_GARBAGE "preset-commands-are-garbage" ["ntpq"]
        "runs garbage for a `command` in `.ntprc`" => "runs the command, before those of the command line", "it was meant so";
    kept PRESET_LINES_VERBATIM "preset-lines-verbatim" ["ntpq" "ntpdc" "ntp-keygen"]
        "overlooks a last line without a line end, keeps trailing blanks in values, and knows no comment after an option" =>
        "reads them", "editors leave them";
    kept PRESET_CONFLICTS_IGNORED "preset-conflicts-ignored" ["ntpq" "ntpdc" "ntp-keygen"]
        "does not see conflicts between presets and the command line" => "lets the command line win", "what is typed counts";
    kept PRESET_FAULTS_SILENT "preset-faults-silent" ["ntpq" "ntpdc" "ntp-keygen"]
        "skips unreadable option files without a word, and does not say where a wrong option stands" =>
        "names the file and the cause", "an option that has no effect must show";
    kept PRESET_REST_AFTER_FAULT "preset-rest-after-fault" ["ntpq" "ntpdc" "ntp-keygen"]
        "drops the words before a wrong one of `NTPQ` and the like, and goes on" => "reports the wrong one", "half the options are not the options";
    kept SAVED_OPTIONS_OVERWRITE "saved-options-overwrite" ["ntpq" "ntpdc" "ntp-keygen"]
        "`--save-opts` throws away what other programs have in the file, and replaces a link" =>
        "keeps the rest of the file and follows the link", "the file is shared";
    kept SAVED_VALUES_UNQUOTED "saved-values-unquoted" ["ntpq" "ntpdc" "ntp-keygen"]
        "saves values unquoted and only the last of several" => "quotes values and saves all of them", "they must read back as they were";
}
