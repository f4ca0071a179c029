//! The list of cases.

use eventsource_core::Capability;

use super::{Case, Hook, Need, cases};

macro_rules! cases {
    ($d:tt $($module:ident { $($case:ident $contract:tt $($need:ident)*;)* })*) => {
        /// Every case, in the order of the list.
        pub const CASES: &[Case] = &[$($(Case {
            name: stringify!($case),
            contract: &$contract,
            needs: &[$(cases!(@need $need)),*],
            body: |bench| Box::pin(cases::$module::$case(bench)),
        },)*)*];

        /// Makes one test of each case of the [conformance suite](crate::suite), for the stores of a
        /// [`Fixture`](crate::suite::Fixture).
        ///
        /// It is called once in a module.
        #[macro_export]
        macro_rules! event_store_suite {
            ($d fixture:ty) => {
                $($(
                    #[test]
                    fn $case() {
                        $crate::suite::test_case::<$d fixture>(stringify!($case), module_path!());
                    }
                )*)*

                #[test]
                fn conformance_report() {
                    $crate::suite::test_report::<$d fixture>();
                }

                /// Does nothing by itself: cases start it as a process of its own.
                #[test]
                fn suite_child() {
                    $crate::suite::test_child::<$d fixture>();
                }
            };
        }
    };
    (@need Faults) => { Need::Hook(Hook::Faults) };
    (@need Plans) => { Need::Hook(Hook::Plans) };
    (@need Copies) => { Need::Hook(Hook::Copies) };
    (@need $capability:ident) => { Need::Capability(Capability::$capability) };
}

// The numbers are those of the contract, in the docs of `EventStore`; a name is a capability or a hook that a case needs.
cases! { $
    append {
        a_01_an_event_is_read_back_as_it_was_written [9];
        a_02_a_batch_keeps_its_order [1, 5];
        a_03_an_empty_append_stores_nothing [4];
        a_04_an_empty_append_may_be_repeated [4];
        a_05_a_receipt_says_where_the_events_stand [1, 5];
        a_06_positions_of_one_append_follow_each_other [14] ContiguousBatch;
        a_07_a_batch_with_a_duplicate_id_in_the_middle_stores_nothing [3, 7];
        a_08_a_panic_of_the_caller_leaves_the_store_usable [8, 13];
        a_09_an_event_that_cannot_be_stored_is_rejected_before_anything_is_written [3, 8];
    }
    envelope {
        a_10_the_time_of_recording_is_the_stores [9];
        a_11_times_are_kept_to_the_microsecond [9];
        a_12_metadata_is_kept_as_it_is [9];
        a_13_payloads_of_nothing_are_told_apart [9];
        a_14_a_payload_may_be_any_bytes [9];
        a_15_texts_of_every_language_are_kept [9, 12];
        a_16_floats_are_kept_to_the_last_bit [9];
        a_22_what_was_read_once_is_read_the_same_for_ever [11];
    }
    names {
        a_17_names_of_the_greatest_length_are_kept [12];
        a_18_names_that_look_alike_are_different [12];
        a_19_hostile_names_are_data [12];
    }
    size {
        a_20_the_limits_are_those_that_the_store_tells [3, 12];
        a_21_a_large_event_and_a_large_batch_are_kept [3, 9];
        x_04_a_stream_of_70_000_events_goes_on [1];
    }
    expectation {
        c_01_any_on_a_missing_stream_appends [1, 2];
        c_02_no_stream_on_a_missing_stream_appends [1, 2];
        c_03_exists_on_a_missing_stream_conflicts [2];
        c_04_exact_on_a_missing_stream_conflicts [2];
        c_05_any_on_an_existing_stream_appends [1, 2];
        c_06_no_stream_on_an_existing_stream_conflicts [2];
        c_07_exists_on_an_existing_stream_appends [1, 2];
        c_08_exact_on_an_existing_stream_appends_at_that_version_only [1, 2];
        c_17_a_version_too_low_too_high_or_far_off_conflicts [2];
        c_18_a_conflict_brings_the_missed_events_that_were_asked_for [2];
        c_19_a_conflict_leaves_nothing_behind [2, 3];
        c_32_a_writer_that_read_before_another_one_wrote_is_refused [2];
        c_33_ids_and_times_that_run_backwards_change_no_order [1, 2, 5];
        c_34_what_an_empty_read_tells_is_a_condition [2];
    }
    concurrency {
        c_20_of_many_writers_with_one_expectation_one_wins [2];
        c_21_writers_without_an_expectation_all_succeed [1, 2];
        c_22_unrelated_streams_never_conflict [2];
        x_01_each_condition_held_where_its_append_stands [2, 3, 5];
    }
    multi {
        c_23_an_append_over_several_streams_is_stored_whole_or_not_at_all [3, 14] MultiStreamAppend;
        c_24_every_violated_expectation_is_reported [2, 14] MultiStreamAppend;
        c_25_a_stream_can_be_checked_without_being_written [2, 3, 14] MultiStreamAppend;
        c_26_each_stream_keeps_its_order_whatever_the_order_of_the_parts [1, 3, 5, 14] MultiStreamAppend;
        c_37_appends_over_the_same_streams_in_any_order_all_end [3, 14] MultiStreamAppend;
        x_02_of_writers_that_check_each_other_one_wins [2, 3, 5, 14] MultiStreamAppend;
    }
    key {
        i_01_a_retry_is_answered_with_the_first_receipt [6];
        i_02_a_retry_after_other_appends_is_answered_with_the_first_receipt [6];
        i_03_other_content_under_a_used_key_is_refused [6];
        i_04_a_key_is_remembered_after_many_other_appends [6];
        i_05_a_key_used_on_another_stream_is_refused [6];
        i_06_a_part_of_a_batch_or_more_than_it_is_other_content [6];
        i_07_of_concurrent_appends_with_one_key_one_is_applied [6];
        i_08_an_event_id_twice_in_a_batch_is_refused [7];
        i_09_an_event_id_that_is_in_the_store_is_refused [7];
        i_10_a_key_does_not_bypass_the_condition_of_a_first_append [2, 6];
        i_11_a_retry_after_a_lost_answer_tells_that_it_was_stored [6, 8] Faults;
    }
    read {
        r_01_forward_and_backward_from_anywhere [10];
        r_02_empty_and_single_ranges_and_limits [10];
        r_03_a_read_without_meaning_is_refused [10];
        r_04_a_missing_stream_is_not_found_and_an_empty_range_is_empty [10];
        r_05_a_filtered_read_gives_the_versions_of_the_whole_stream [1, 10];
        r_06_no_event_is_lost_or_repeated_at_the_end_of_a_page [10];
        r_07_appends_during_a_read_leave_no_hole_in_it [5, 10];
    }
    select {
        r_08_times_bound_a_read_on_both_sides_inclusive [10];
        r_09_the_last_event_of_all_and_of_a_kind_is_found [10];
        r_10_a_category_is_read_in_the_order_of_positions [10];
        r_11_events_are_read_by_their_stored_names [10];
        r_12_events_are_read_by_all_of_their_tags [10];
        r_13_an_event_that_nobody_knows_is_given_as_it_is [9, 10];
        r_15_the_head_is_told_where_nothing_matches [10];
        g_14_the_place_at_a_time_is_found_by_reading [9, 10];
    }
    categories {
        x_33_several_categories_are_read_in_the_order_of_positions [10];
        x_34_all_events_but_those_of_some_names_are_read [10];
    }
    causes {
        x_06_events_are_read_by_their_conversation [10];
        x_07_events_are_read_by_what_caused_them [10];
        x_08_conversations_and_causes_go_with_every_other_filter [10];
    }
    plans {
        r_17_no_read_goes_through_all_that_there_is [10] Plans;
        r_18_the_order_of_a_read_is_asked_for [5, 10];
    }
    order {
        g_01_positions_rise_in_read_order [5];
        g_02_readers_beside_writers_see_every_event_once_in_order [5, 10];
        g_03_an_event_that_is_committed_late_is_not_skipped [5] Faults;
        g_04_a_writer_that_has_only_begun_is_not_skipped [5] Faults;
        g_05_a_writer_that_gives_up_does_not_stop_the_readers [5, 8] Faults;
        g_12_a_later_append_has_a_higher_position [5];
        g_13_a_position_survives_as_text [5];
    }
    gaps {
        g_06_many_writers_that_give_up_in_a_row_stop_no_reader [5, 8] Faults;
        g_07_what_is_committed_between_the_steps_of_a_reader_is_not_lost [5, 10];
        g_10_positions_rise_with_the_versions_of_a_hot_stream [1, 5];
        g_11_the_events_of_one_append_stand_together [3, 14] ContiguousBatch;
    }
    subscription {
        s_01_a_subscription_begins_where_it_is_told [5, 10];
        s_03_caught_up_is_told_once_after_the_last_stored_event [10];
        s_05_a_slow_reader_loses_nothing [5, 10];
        s_07_what_was_not_acknowledged_is_delivered_again [5, 10];
        s_15_a_reader_that_comes_back_goes_on_where_it_was [5, 10, 13];
        s_16_everyone_who_waits_is_woken [10];
    }
    switch {
        s_02_nothing_is_lost_or_repeated_at_the_switch_to_live [5, 10];
    }
    behind {
        s_04_a_reader_that_falls_behind_is_told_and_catches_up_in_order [5, 10];
        x_35_a_subscription_to_a_part_sees_that_part_only [5, 10];
        x_36_the_versions_of_each_stream_follow_each_other [1, 5, 10];
        x_37_a_rebuild_follows_positions_and_never_a_clock [5, 10];
    }
    checkpoint {
        s_20_a_filter_that_matches_nothing_still_moves_on [10];
        s_21_from_an_empty_store_the_first_checkpoint_is_a_position [10];
        s_22_an_empty_page_does_not_pass_an_event_that_is_committed_late [5, 10] Faults;
        s_23_no_checkpoint_is_beyond_what_was_delivered_or_not_wanted [5, 10];
        s_24_checkpoints_strictly_rise [5];
        s_25_resuming_at_any_checkpoint_gives_exactly_the_rest [5, 10];
    }
    leaving {
        r_14_a_long_read_comes_in_pages_and_may_be_dropped [10, 13];
        s_18_a_reader_that_leaves_takes_nothing_with_it [10, 13];
        t_05_many_open_reads_stop_nobody_for_good [8, 10, 13];
    }
    places {
        x_03_everything_is_there_after_a_clean_close [3, 6, 9, 14] Durable;
        c_35_two_handles_on_one_place_see_each_other [2, 5, 14] MultiProcess;
        c_38_writers_in_each_others_way_get_receipts_or_conflicts [2, 8, 14] MultiProcess;
        g_09_readers_go_on_after_a_crash_within_an_append [3, 5, 14] Durable Faults;
        g_15_a_restored_copy_has_the_same_history [3, 6, 9, 10] Copies;
        t_02_two_stores_know_nothing_of_each_other [1, 6, 7];
    }
    storm {
        x_05_whatever_many_do_at_once_the_history_explains_it [1, 2, 3, 5, 6, 8, 10];
    }
    snapshot {
        x_21_a_part_of_a_store_is_there_exactly_where_it_is_declared [14] Snapshots Trim Projections Leases;
        n_01_the_newest_snapshot_that_is_asked_for_is_found [15] Snapshots;
        n_02_snapshots_are_replaced_and_deleted_as_they_are_told [15] Snapshots;
        n_03_a_large_snapshot_is_found_as_it_was_saved [15] Snapshots;
        x_22_no_more_snapshots_are_kept_than_are_to_be [15] Snapshots;
    }
    snapshot_places {
        x_23_a_snapshot_is_never_seen_for_another_stream [12, 15] Snapshots;
        x_24_a_snapshot_is_no_event [1, 2, 5, 10, 15] Snapshots;
        x_25_the_limit_of_a_snapshot_is_the_one_that_the_store_tells [12, 15] Snapshots;
        x_26_snapshots_are_there_after_a_clean_close [14, 15] Durable Snapshots;
        x_27_two_handles_on_one_place_see_each_others_snapshots [14, 15] MultiProcess Snapshots;
    }
    snapshot_failures {
        x_28_a_change_of_snapshots_that_fails_changes_nothing [8, 15] Snapshots Faults;
        x_29_a_dropped_save_is_done_whole_or_not_at_all [13, 15] Snapshots;
        x_30_of_many_saves_at_once_the_newest_are_left [15] Snapshots;
    }
    trim {
        d_04_a_trimmed_stream_begins_where_it_was_cut [1, 2, 5, 10, 16] Trim;
        x_09_a_key_answers_for_ever_also_when_its_events_are_gone [6, 16] Trim;
        x_12_what_a_conflict_brings_has_no_hole [2, 16] Trim;
        x_13_a_trim_that_fails_leaves_everything_or_is_done [8, 16] Trim Faults;
        x_14_whatever_is_trimmed_reads_give_the_rest [1, 5, 10, 16] Trim;
    }
    trim_reads {
        x_10_a_read_that_meets_a_trim_has_no_hole [10, 16] Trim;
        x_11_a_subscription_passes_what_was_trimmed [5, 10, 16] Trim;
        x_60_who_would_miss_what_was_trimmed_is_told [16] Trim;
    }
    trim_places {
        x_31_a_dropped_trim_is_done_whole_or_not_at_all [13, 16] Trim;
        x_32_two_handles_on_one_place_see_each_others_trims [6, 14, 16] MultiProcess Trim;
    }
    kept {
        k_01_what_is_kept_of_a_projection_is_found_until_it_is_deleted [17] Projections;
        k_02_a_checkpoint_moves_from_where_it_is_and_never_back [17] Projections;
        k_04_a_step_that_was_made_is_refused_with_all_that_is_in_it [17] Projections;
        x_40_a_number_of_a_build_is_never_used_again [17] Projections;
        x_41_one_build_at_most_is_read_and_never_one_that_is_behind [17] Projections;
        x_42_a_reset_takes_the_place_of_what_was_read_in_one_step [17] Projections;
    }
    kept_parked {
        k_06_parked_events_wait_in_order_beside_others [17] Projections;
        k_07_a_parked_event_is_let_go_once_and_parked_again_in_its_place [17] Projections;
        x_43_what_is_said_of_parked_events_is_data [12, 17] Projections;
        x_44_two_projections_know_nothing_of_each_other [12, 17] Projections;
    }
    kept_failures {
        x_45_a_change_of_what_is_kept_that_fails_changes_nothing [8, 17] Projections Faults;
        x_46_a_dropped_change_of_what_is_kept_is_done_whole_or_not_at_all [13, 17] Projections;
        x_47_of_many_that_move_a_checkpoint_one_does [17] Projections;
    }
    lease {
        x_48_a_lease_has_one_holder_until_it_is_given_back_or_runs_out [18] Leases;
        x_49_the_token_of_a_lease_rises_for_ever [18] Leases;
        x_50_names_of_leases_and_holders_are_data [12, 18] Leases;
        x_51_of_many_that_want_a_lease_one_has_it [18] Leases;
        x_52_a_change_of_a_lease_that_fails_changes_nothing [8, 18] Leases Faults;
        x_53_a_dropped_change_of_a_lease_is_done_whole_or_not_at_all [13, 18] Leases;
    }
    fence {
        x_54_what_is_done_under_a_lost_lease_is_refused [17, 18] Projections Leases;
        x_55_a_fence_is_looked_at_in_the_step_that_it_fences [17, 18] Projections Leases Faults;
        x_56_two_handles_on_one_place_see_each_others_leases_and_steps [14, 17, 18] MultiProcess Projections Leases;
    }
    kept_places {
        x_57_what_is_kept_is_there_after_a_clean_close [14, 17] Durable Projections;
        x_58_a_lease_is_held_after_a_clean_close [14, 18] Durable Leases;
        x_59_what_was_kept_outlives_a_killed_and_a_crashed_process [3, 14, 17] Durable Projections Faults;
    }
    delivering {
        s_06_what_cannot_be_delivered_is_tried_again_then_stopped_for_or_parked [17] Projections;
        s_08_a_checkpoint_is_kept_after_each_batch_and_when_nothing_comes [5, 17] Projections;
        s_09_a_stop_within_a_batch_keeps_what_was_handled_and_no_more [5, 17] Projections;
        s_19_an_event_that_nobody_knows_is_stopped_for_or_parked_and_counted [9, 10, 17] Projections;
        k_05_a_wait_for_a_receipt_ends_when_what_it_is_of_can_be_read [5, 10];
    }
    steering {
        s_10_pause_resume_stop_and_cancel_may_be_asked_twice_and_a_name_runs_once [17, 18] Projections;
        s_11_of_two_runners_one_is_active_and_the_other_takes_over [17, 18] Projections Leases;
        s_12_who_has_lost_its_lease_keeps_nothing_and_stops [17, 18] Projections Leases;
        s_26_what_was_built_is_not_taken_for_what_would_be_built_now [17] Projections;
        k_08_a_reset_waits_for_a_pause_and_builds_the_same_again [10, 17] Projections;
    }
    aggregate {
        c_36_a_state_that_is_kept_hides_no_conflict [2];
        d_07_what_was_trimmed_is_a_snapshot_or_a_refusal [15, 16] Snapshots Trim;
        n_04_a_snapshot_of_another_fingerprint_is_not_used [15] Snapshots;
        n_05_a_snapshot_that_is_newer_than_its_stream_is_not_used [1, 15] Snapshots;
        n_06_a_damaged_snapshot_is_not_used [15] Snapshots;
        n_07_a_snapshot_that_is_not_kept_takes_no_event_with_it [8, 15] Snapshots Faults;
        n_08_a_state_from_any_snapshot_is_that_of_all_events [10, 15] Snapshots;
    }
    lifecycle {
        t_03_a_failure_or_crash_at_any_point_leaves_all_or_nothing [3, 8, 14] Durable Faults;
        t_04_what_was_acknowledged_outlives_a_killed_process [3, 14] Durable;
        t_08_a_dropped_append_stores_all_or_nothing [13] Faults;
        t_12_errors_say_truthfully_what_to_do_next [8] Faults;
        t_14_dropped_reads_and_waits_change_nothing [13];
        t_15_a_clock_that_goes_back_does_not_turn_time_back [5, 9];
    }
}
