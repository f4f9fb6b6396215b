//! Where the other differences are tested.

/// A difference, the source file, and the names of its tests there.
pub const IN_OTHER_TESTS: &[(&str, &str, &[&str])] = &[
    (
        "slow-timeouts",
        "tests/cli/trouble.rs",
        &["silence_ends_with_the_time_out", "the_classic_waits_twice_as_long"],
    ),
    (
        "late-options",
        "tests/cli/usage.rs",
        &["an_option_behind_the_host_is_wrong_usage_but_in_the_classic_dialect"],
    ),
    ("privileged-pager", "src/cli/pager.rs", &["sudo_and_doas_lend_privileges"]),
    ("dashes-are-hosts", "tests/cli/usage.rs", &["a_dash_from_a_web_page_is_wrong_usage_in_every_applet"]),
    ("endless-lookups", "src/net/names/tests.rs", &["a_silent_resolver_is_waited_for_once"]),
    ("swallowed-interrupts", "tests/interactive.rs", &["ctrl_c_ends_a_batch_at_once"]),
    ("end-of-input-loops", "tests/interactive.rs", &["a_pipe_has_no_prompt_and_ends_the_session"]),
    ("silent-piped-prompt", "src/console/interactive.rs", &["input_modes"]),
    (
        "late-redirection",
        "tests/cli/streams.rs",
        &["a_file_takes_results_after_as_many_arguments_as_there_may_be"],
    ),
    (
        "quotes-split-words",
        "src/console/tokens.rs",
        &["a_closing_quote_ends_a_token_except_in_the_classic_dialect"],
    ),
    ("stale-usage", "src/app/ntpdc/command.rs", &["usage_lines_name_what_is_taken"]),
    ("oversize-is-internal", "tests/cli/authentication.rs", &["what_does_not_fit_into_a_packet_is_not_sent"]),
    (
        "keytype-after-passwd",
        "src/console/authentication.rs",
        &["a_key_type_chosen_after_the_password_applies_except_in_the_classic_dialect"],
    ),
    (
        "plain-secrets",
        "src/console/authentication.rs",
        &["hexadecimal_secrets_are_decoded_except_in_the_classic_dialect"],
    ),
    (
        "missing-address-is-zero",
        "src/render/classic/tests.rs",
        &["a_missing_address_is_zero_only_in_the_classic_dialect"],
    ),
    (
        "short-rows-lost",
        "src/render/classic/ordered_lists.rs",
        &[
            "the_classic_keeps_and_drops_interfaces",
            "missing_fields_are_dashes_except_in_the_classic_dialect",
        ],
    ),
    ("modes-of-64-bits", "src/render/classic/report.rs", &["modes_that_are_none"]),
    ("lines-end-replies", "tests/cli/hostile.rs", &["quotes_hold_line_breaks"]),
    ("raw-carriage-returns", "tests/cli/authentication.rs", &["the_classic_keeps_carriage_returns"]),
    ("config-line-verbatim", "tests/cli/authentication.rs", &["the_classic_keeps_carriage_returns"]),
    (
        "unsigned-complaints",
        "src/app/ntpdc/configure.rs",
        &[
            "mistakes_are_reported_in_the_classic_words",
            "a_name_without_its_number_is_a_mistake_but_for_the_classic",
        ],
    ),
    ("assumes-old-daemon", "tests/cli/ntpdc/mod.rs", &["only_the_classic_prompts_for_a_key_twice"]),
    ("repeated-size-complaints", "tests/cli/ntpdc/hostile.rs", &["items_of_unknown_size_are_reported"]),
    (
        "unsigned-mode7-numbers",
        "src/render/classic/mode7/tests.rs",
        &["a_peer_in_detail", "debugging_data_of_a_driver"],
    ),
    ("trap-flags-in-network-order", "src/render/classic/mode7/tests.rs", &["flags_of_traps"]),
    (
        "one-machine-order",
        "src/render/classic/mode7/odd_item_tests.rs",
        &["the_classic_program_supports_only_one_byte_order"],
    ),
    ("wildcard-by-ipv4", "src/render/classic/mode7/odd_item_tests.rs", &["interfaces_of_traps"]),
    ("clients-without-rows", "tests/cli/ntpdc/hostile.rs", &["clients_in_the_classic_dialect"]),
    (
        "claimed-clock-values",
        "src/render/classic/mode7/odd_item_tests.rs",
        &["drivers_that_claim_more_than_they_show"],
    ),
    (
        "lone-auth-is-none",
        "src/render/classic/mode7/odd_item_tests.rs",
        &["a_lone_auth_counts_as_none_in_the_classic_dialect"],
    ),
    (
        "tolerance-carry-lost",
        "src/render/classic/mode7/odd_item_tests.rs",
        &["rounding_that_adds_a_digit_to_the_tolerance"],
    ),
    (
        "one-server-every-200-ms",
        "src/session/sntp/tests.rs",
        &["all_servers_are_asked_at_once_and_again_after_two_seconds"],
    ),
    (
        "any-root-distance",
        "src/app/ntpdate/tests/trust.rs",
        &["a_too_uncertain_server_is_dropped_even_if_it_is_the_only_one"],
    ),
    (
        "any-year",
        "src/app/ntpdate/tests/trust.rs",
        &["offsets_are_consistent_and_an_impossible_time_is_refused"],
    ),
    (
        "impolite-retries",
        "src/app/ntpdate/tests/dialects.rs",
        &["the_next_request_is_polite_but_for_the_classic"],
    ),
    ("zeros-are-time", "src/app/ntpdate/tests/dialects.rs", &["zeros_are_no_time_but_for_the_classic"]),
    (
        "silent-servers-unmentioned",
        "src/app/ntpdate/tests/dialects.rs",
        &["silent_servers_are_mentioned_but_by_the_classic"],
    ),
    (
        "zeros-for-lost",
        "src/app/ntpdate/tests/dialects.rs",
        &["lost_samples_have_no_figures_but_in_the_classic"],
    ),
    (
        "duplicate-servers",
        "src/app/ntpdate/tests/dialects.rs",
        &["a_server_named_twice_is_asked_once_but_by_the_classic"],
    ),
    ("secrets-in-trace", "src/app/ntpdate/tests/dialects.rs", &["no_secret_is_traced"]),
    (
        "openssl-remarks",
        "src/app/ntpdate/tests/dialects.rs",
        &["libraries_are_not_quoted_but_by_the_classic"],
    ),
    (
        "readable-keys-unnoticed",
        "src/app/ntpdate/tests/dialects.rs",
        &["a_readable_key_file_is_noticed_but_by_the_classic"],
    ),
    (
        "any-version",
        "src/app/ntpdate/tests/dialects.rs",
        &["versions_are_those_that_there_are_but_in_the_classic"],
    ),
    ("stamps-of-one-era", "src/session/sntp/tests.rs", &["timestamps_are_compared_across_the_end_of_an_era"]),
    ("stratum-16-unheard", "src/app/ntpdate/tests/trust.rs", &["stratum_sixteen_is_too_high"]),
    ("forgery-condemns", "src/session/sntp/tests.rs", &["answers_are_verified_with_the_key"]),
    ("user-space-stamps", "src/session/sntp/tests.rs", &["the_kernels_departure_time_takes_precedence"]),
    (
        "failed-step-is-ok",
        "src/app/ntpdate/tests.rs",
        &["a_refused_step_is_a_failure_except_in_the_classic_dialect"],
    ),
    (
        "errors-unheard",
        "src/session/sntp/tests.rs",
        &[
            "a_server_that_cannot_be_reached_is_not_waited_for",
            "a_notice_of_a_fault_ends_neither_authenticated_requests_nor_those_of_4_2_8p15",
        ],
    ),
    ("copies-count", "src/session/sntp/tests.rs", &["a_duplicate_answer_is_two_samples_in_4_2_8p15"]),
    (
        "copies-complete-others",
        "src/session/sntp/tests.rs",
        &["a_duplicate_answer_is_two_samples_in_4_2_8p15"],
    ),
    (
        "group-answers-uncounted",
        "src/session/sntp/tests/groups.rs",
        &[
            "classic_rules_ask_a_host_that_answers_a_group_again",
            "a_host_that_answers_a_group_becomes_a_server",
        ],
    ),
    ("asks-after-deny", "src/session/sntp/tests.rs", &["a_refusal_ends_the_requests_except_in_4_2_8p15"]),
    (
        "clock-in-request",
        "src/session/sntp/tests.rs",
        &["a_request_reveals_nothing_and_an_answer_counts_once"],
    ),
    (
        "missing-key-ignored",
        "src/app/ntpdate/tests.rs",
        &["a_missing_key_is_an_error_except_in_the_classic_dialect"],
    ),
    ("one-key-file", "src/app/ntpdate/keys.rs", &["the_first_existing_default_file_is_read"]),
    (
        "bad-row-spoils-keys",
        "src/app/ntpdate/keys.rs",
        &["faults_have_the_classic_wording_and_reject_the_file_in_the_classic_dialect"],
    ),
    (
        "key-file-carriage-returns",
        "src/app/ntpdate/keys.rs",
        &["line_ends_of_other_systems_are_not_part_of_a_key"],
    ),
    ("key-faults-repeat-words", "src/app/ntpdate/keys.rs", &["no_word_of_a_key_file_is_printed"]),
    ("no-daemon-warning", "src/app/ntpdate/tests.rs", &["a_disciplined_clock_is_set_with_a_warning"]),
    ("shared-port", "src/net/sockets.rs", &["a_port_is_shared_only_by_the_classic_rules"]),
    (
        "steps-twice",
        "src/app/ntpdate/tests/trust.rs",
        &["a_clock_set_by_another_program_meanwhile_is_left_alone"],
    ),
    (
        "lenient-health",
        "src/app/ntpstat/tests.rs",
        &[
            "the_classic_dialect_makes_of_every_reply_what_the_classic_program_did",
            "by_default_names_are_whole_and_numbers_are_numbers",
        ],
    ),
    (
        "stat-crashes",
        "src/app/ntpstat/tests.rs",
        &[
            "the_classic_dialect_makes_of_every_reply_what_the_classic_program_did",
            "by_default_names_are_whole_and_numbers_are_numbers",
        ],
    ),
    (
        "constant-and-tai",
        "src/app/ntptime/args.rs",
        &["the_classic_forgets_what_stands_before_the_offset_of_tai"],
    ),
    (
        "numbers-as-far-as-they-go",
        "src/app/ntptime/args.rs",
        &["what_is_no_number_is_nothing_to_the_classic_and_an_error_here"],
    ),
    ("clipped-values", "src/app/ntptime/tests.rs", &["what_the_kernel_would_clip_or_ignore_is_told"]),
    ("unreadable-is-0", "src/app/ntptime/tests.rs", &["a_container_that_forbids_reading_is_told_of"]),
    (
        "kernel-refusal-is-ok",
        "src/app/ntptime/tests.rs",
        &["a_refused_change_is_told_and_its_status_is_the_dialects"],
    ),
    (
        "weak-keys",
        "tests/ntp_keygen/autokey.rs",
        &["the_classic_course", "defaults_are_safe_and_weakness_is_told"],
    ),
    (
        "md5-signatures",
        "tests/ntp_keygen/autokey.rs",
        &["the_classic_course", "defaults_are_safe_and_weakness_is_told"],
    ),
    (
        "key-files-0640",
        "tests/ntp_keygen/symmetric.rs",
        &["the_classic_texts_and_names", "killed_at_any_moment_it_leaves_the_old_file_or_the_new"],
    ),
    (
        "password-in-message",
        "tests/ntp_keygen/autokey.rs",
        &["a_wrong_password_is_not_told_and_nothing_is_lost"],
    ),
    ("openssl-errors", "tests/ntp_keygen/autokey.rs", &["a_wrong_password_is_not_told_and_nothing_is_lost"]),
    (
        "keygen-ignores-failures",
        "tests/ntp_keygen/autokey.rs",
        &["there_is_a_status_when_there_is_no_certificate"],
    ),
    (
        "unreadable-keys-are-absent",
        "tests/ntp_keygen/autokey.rs",
        &["files_that_are_no_key_files_are_left_alone"],
    ),
    (
        "group-keys-not-found",
        "tests/ntp_keygen/exports.rs",
        &["keys_that_the_classic_linked_for_the_host_are_found_for_their_group"],
    ),
    ("export-spoils-keys", "tests/ntp_keygen/autokey.rs", &["the_classic_texts_of_the_identity_schemes"]),
    ("schemes-by-exact-name", "tests/ntp_keygen/autokey.rs", &["a_dsa_certificate_is_renewed"]),
    (
        "write-errors-without-name",
        "tests/ntp_keygen/symmetric.rs",
        &["a_folder_that_cannot_be_written_is_told"],
    ),
    (
        "every-address-votes",
        "src/app/ntpdate/servers.rs",
        &["only_the_classic_dialect_queries_all_addresses_of_a_name"],
    ),
    (
        "whole-second-slews-skipped",
        "src/app/ntpdate/set.rs",
        &["whole_seconds_are_slewed_except_in_the_classic_dialect"],
    ),
    ("one-address", "src/console/host.rs", &["the_classic_dialect_tries_only_the_first_address"]),
    ("opeers-looks-up", "src/app/ntpq/peers.rs", &["the_classic_looks_operands_up_for_opeers_even_under_n"]),
    ("empty-names", "src/app/ntp_keygen/names.rs", &["empty_names_are_none_but_in_the_classic_dialect"]),
    (
        "trace-ends-with-0",
        "tests/cli/ntptrace.rs",
        &["the_dialect_reads_options_as_perl_does_and_prints_the_lines_of_the_script"],
    ),
    ("loops-are-followed", "src/app/ntptrace/classic.rs", &["the_classic_goes_round_a_loop_until_its_limit"]),
    ("endless-traces", "src/app/ntptrace/classic.rs", &["the_classic_goes_round_a_loop_until_its_limit"]),
    (
        "commands-in-addresses",
        "src/app/ntptrace/classic.rs",
        &["the_classic_goes_round_a_loop_until_its_limit"],
    ),
    ("perl-warnings", "src/app/ntptrace/classic.rs", &["the_classic_goes_round_a_loop_until_its_limit"]),
    ("lookups-that-kill", "src/app/scripts.rs", &["a_host_without_a_name_keeps_its_own"]),
    (
        "perl-options",
        "tests/cli/ntptrace.rs",
        &["the_dialect_reads_options_as_perl_does_and_prints_the_lines_of_the_script"],
    ),
    (
        "help-on-standard-error",
        "tests/cli/ntptrace.rs",
        &["the_dialect_reads_options_as_perl_does_and_prints_the_lines_of_the_script"],
    ),
    ("sweep-ends-with-0", "tests/cli/ntpsweep.rs", &["the_dialect_asks_as_the_script_does"]),
    ("signs-are-no-peers", "tests/cli/ntpsweep.rs", &["the_dialect_asks_as_the_script_does"]),
    ("strip-is-a-pattern", "src/app/ntpsweep/row.rs", &["rows_of_the_original"]),
];

/// A difference, the laboratory's file, and a word of its case there.
pub const IN_LABORATORY: &[(&str, &str, &str)] = &[
    // Where no name server answers, beside the original.
    (
        "name-failure-aborts",
        "tests/lab/ntpdate/cases.py",
        r#"["-q", "-t", "1", "nosuchname.lab.test", "@good@"]"#,
    ),
    // A chronyd that nobody names.
    ("mode6-only", "tests/lab/health/__init__.py", r#"("tick", ["-pn"], rb"\n\*192"#),
    ("mode6-only", "tests/lab/health/__init__.py", r#"("tick", ["-pn", "--compat", "4.2.8p15"], b"^$""#),
    // A chronyd, beside the original and alone.
    ("plugin-asks-ntpd", "tests/lab/plugins/__init__.py", r#"(PEER, ["-H", "192.0.2.22", "-t", "2"])"#),
    (
        "plugin-asks-ntpd",
        "tests/lab/plugins/__init__.py",
        r#"(PEER, "op", ["-H", "192.0.2.22", "-w", "1", "-W", "5"], 0,"#,
    ),
    // chronyd, alone; the original has nothing to say of it.
    ("trace-by-mode6", "tests/lab/trace/__init__.py", r#"(TRACE, "op", "-n 192.0.2.22", 0,"#),
    (
        "sweep-by-mode6",
        "tests/lab/trace/__init__.py",
        r#"(SWEEP, "op", "-n -l 192.0.2.20,192.0.2.22,192.0.2.18", 0,"#,
    ),
];
