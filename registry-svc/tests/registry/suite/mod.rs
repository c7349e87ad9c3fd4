//! What every adapter of the store must do: the same tests, run on each.

pub(crate) mod publications;
pub(crate) mod runs;
pub(crate) mod samples;
pub(crate) mod schedules;
pub(crate) mod settings;
pub(crate) mod tokens;
pub(crate) mod workflows;

/// One test for each case, on a store that `$open` makes; what it gives beside the store is kept until the end.
macro_rules! run_suite {
    ($open:path) => {
        crate::suite::run_suite!($open;
            workflows: a_created_workflow_reads_back,
                a_name_is_taken_until_its_workflow_is_deleted,
                an_update_wants_the_revision_that_was_read,
                of_many_updates_at_once_one_wins,
                renaming_to_a_taken_name_changes_nothing,
                credentials_leave_with_their_workflow,
                a_deletion_may_want_a_revision,
                lists_come_page_by_page_in_the_byte_order_of_names,
                lists_filter_by_name_and_category;
            publications: a_published_version_reads_back_byte_for_byte,
                a_publish_wants_the_revision_and_the_next_number,
                of_many_publishes_at_once_one_gets_the_number,
                an_unpublished_version_keeps_its_document,
                every_change_counts_its_workflow_and_the_whole_up,
                a_deleted_workflow_is_no_longer_live_but_still_owns_its_endpoint,
                what_is_live_comes_page_by_page,
                endpoints_filter_by_what_is_published,
                endpoints_come_page_by_page;
            schedules: a_published_schedule_reads_back_with_what_a_run_needs,
                another_timetable_counts_from_its_publish_and_the_same_one_goes_on,
                of_many_that_note_a_moment_at_once_one_does,
                a_schedule_is_gone_with_its_publication,
                schedules_come_page_by_page,
                a_target_is_found_by_name_and_id_while_it_is_published,
                a_version_without_a_listener_has_no_endpoint,
                a_run_keeps_what_started_it;
            tokens: a_token_is_found_by_its_hash_until_it_is_revoked,
                of_many_first_tokens_at_once_one_is_stored,
                there_is_no_first_token_after_any_other_even_a_revoked_one,
                a_hash_is_stored_once;
            settings: a_setting_reads_back_and_keeps_its_id_while_its_value_changes,
                a_secret_and_a_variable_may_have_one_name,
                a_change_may_want_what_was_read,
                no_revision_comes_twice_not_even_after_a_deletion,
                of_many_new_settings_of_one_name_one_is_made,
                settings_come_page_by_page_in_the_byte_order_of_names,
                there_are_a_thousand_at_most,
                users_are_those_of_drafts_and_of_what_is_published,
                what_a_published_version_uses_is_deleted_by_force_alone;
            runs: a_run_reads_back_with_its_record_and_is_stored_once,
                a_run_that_has_ended_never_changes_again,
                what_a_runner_tells_of_the_end_counts_more_than_a_closing,
                an_older_attempt_says_nothing_about_a_newer_one,
                of_two_records_of_a_run_in_one_batch_the_last_word_counts,
                many_that_store_at_once_do_not_hinder_each_other,
                runs_come_page_by_page_and_newest_first,
                runs_filter_by_workflow_endpoint_state_and_time,
                runs_filter_by_what_they_repeat_and_whether_they_are_tests,
                a_search_wants_the_beginning_of_a_word_for_each_of_its_own,
                old_runs_go_by_whole_days_and_others_stay,
                a_workflow_is_found_by_its_name;
        );
    };
    ($open:path; $($topic:ident: $($case:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (store, kept) = $open().await;
                crate::suite::$topic::$case(&store).await;
                registry_svc::store::Store::close(&store).await;
                drop(kept);
            }
        )+)+
    };
}

pub(crate) use run_suite;
