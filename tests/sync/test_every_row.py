"""The protocol's invariants, its conflict matrix and the holes of its earlier drafts, row by row with their tests.

(Reference: sync, 8.3, 8.4 and 8.6.) A test that is named here and is not there fails, and so does a row without one.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]

INVARIANTS: Mapping[int, tuple[str, ...]] = {
    1: (
        "proof/test_power_cuts.py::test_a_shift_whose_power_goes_again_and_again_still_ends_at_the_van",
        "faults/test_power.py::test_a_station_whose_power_goes_again_and_again_agrees_with_the_others",
        "faults/test_power.py::test_a_hub_whose_power_goes_with_its_database_has_what_it_said_it_has",
        "faults/test_full_disks.py::test_a_station_whose_disk_is_full_confirms_nothing_says_so_and_goes_on_once_there_is_room",
    ),
    2: (
        "stock/test_guards.py::test_a_number_of_a_stations_life_is_used_once",
        "stock/test_guards.py::test_no_part_of_an_operation_but_how_far_it_came_is_ever_changed",
        "sync/test_convergence.py::test_a_gap_in_the_log_is_not_applied_over",
        "sync/test_convergence.py::test_an_operation_that_does_not_follow_on_its_chain_is_not_applied",
    ),
    3: (
        "sync/test_convergence.py::test_a_push_whose_answer_was_lost_is_sent_again_and_changes_nothing",
        "sync/test_receiving.py::test_an_operation_that_came_from_an_older_incarnation_already_is_a_duplicate",
        "stock/test_guards.py::test_an_operation_is_applied_once",
        "faults/test_ends.py::test_whoever_is_killed_everything_is_done_once",
    ),
    4: (
        "sync/test_receiving.py::test_what_the_hub_does_not_know_yet_waits_with_everything_behind_it_and_is_applied_in_order",
        "sync/test_receiving.py::test_an_operation_that_cannot_be_applied_leaves_a_case_and_those_behind_it_go_on",
        "sync/test_receiving.py::test_a_body_that_is_none_of_its_kind_does_not_stop_the_queue",
    ),
    5: (
        "kernel/test_facts.py::test_any_fact_about_anything_is_applied_to_any_rows",
        "sync/test_fills.py::test_what_happened_under_an_older_fence_stands_and_is_told",
        "sync/test_doors.py::test_what_was_picked_by_somebody_whose_role_was_taken_meanwhile_is_kept_and_told",
    ),
    6: (
        "kernel/test_executor.py::test_the_log_is_append_only",
        "sync/test_renewed_file.py::test_a_file_that_was_put_back_to_before_what_it_never_sent_goes_on_anew",
        "sync/test_doors.py::test_what_a_station_that_was_taken_out_did_comes_up_also_after_a_restore_and_changes_nothing",
    ),
    7: (
        "sync/test_http.py::test_pushes_of_one_site_at_a_time_leave_a_feed_without_gaps",
        "sync/test_convergence.py::test_a_feed_that_does_not_follow_is_not_taken",
        "sync/test_slices.py::test_slices_end_at_receipts_and_divide_no_operation",
    ),
    8: (
        "faults/test_clocks.py::test_clocks_that_jump_by_years_hours_and_sleeps_change_nothing",
        "faults/test_clocks.py::test_a_process_whose_machine_is_wrong_about_the_time_is_refused_nothing",
    ),
    9: ("sync/test_convergence.py::test_whatever_stations_do_apart_they_agree_in_the_end",),
    10: (
        "faults/test_partitions.py::test_no_queue_is_stuck_after_a_cut",
        "sync/test_comparing.py::test_equal_stations_are_compared_once_for_each_place_of_the_feed",
    ),
    11: (
        "sync/test_leases.py::test_a_station_is_given_as_much_as_it_asks_for_and_no_walk_twice",
        "sync/test_leases_at_benches.py::test_all_singles_of_one_walk_are_one_benchs_and_nobody_elses",
        "sync/test_numbers.py::test_ranges_are_cut_from_the_sites_own_and_never_overlap",
        "stock/test_guards.py::test_physical_stock_is_never_below_nothing",
    ),
    12: (
        "sync/test_member.py::test_a_member_claims_nothing_without_its_right_and_plans_nothing",
        "sync/test_receiving.py::test_a_claim_that_is_refused_is_taken_back_at_its_station",
        "sync/test_fills.py::test_a_tote_of_which_nothing_is_known_waits_for_its_slip",
    ),
    13: (
        "sync/test_holes_of_the_models.py::test_c_a_lease_is_bound_to_the_file_and_not_to_the_name",
        "sync/test_holes_of_the_models.py::test_a_lease_that_was_given_back_is_no_ghost_after_its_grant_was_restored",
        "sync/test_renewed_file.py::test_a_file_that_was_put_back_goes_on_anew_and_holds_nothing",
    ),
    14: (
        "sync/test_leases.py::test_fences_grow_over_all_leases_of_the_site",
        "sync/test_holes_of_the_models.py::test_d_the_highest_fence_wins_over_an_older_lease_in_the_restored_data",
        "sync/test_fills.py::test_a_slip_whose_walk_was_given_to_another_cart_is_refused",
    ),
    15: (
        "sync/test_reclaim.py::test_what_a_lost_station_held_is_free_once_every_order_was_looked_for",
        "sync/test_reclaim.py::test_not_found_waits_until_every_dock_was_heard_since_the_loss",
    ),
    16: (
        "sync/test_docks.py::test_of_two_parcels_of_the_same_units_the_first_goes_and_the_second_is_stopped",
        "sync/test_docks.py::test_units_that_two_docks_loaded_unheard_of_each_other_open_a_red_case",
        "sync/test_cancels.py::test_after_a_final_cancel_no_dock_loads_it",
        "sync/test_reclaim.py::test_a_carrier_of_a_dock_that_lost_its_memory_is_free_once_its_parcels_were_looked_for",
    ),
    17: (
        "sync/test_docks.py::test_a_number_on_two_parcels_stops_both_of_them",
        "sync/test_numbers.py::test_numbers_from_before_a_restore_are_not_given_out_since_the_file_may_be_an_old_one_too",
        "sync/test_serials.py::test_sites_that_begin_their_label_numbers_alike_give_out_each_its_own",
    ),
    18: (
        "sync/test_restored_hub.py::test_a_hub_that_nobody_told_of_its_restore_hears_it_from_its_stations",
        "sync/test_holes_of_the_models.py::test_a_what_was_sent_before_the_new_epoch_was_known_does_not_count",
    ),
    19: (
        "sync/test_restored_hub.py::test_nothing_is_granted_before_every_station_was_heard",
        "sync/test_holes_of_the_models.py::test_b_a_station_whose_log_is_not_drained_is_not_heard",
    ),
    20: ("sync/test_holes_of_the_models.py::test_e_a_restore_and_a_lost_disk_are_settled_on_the_floor",),
    21: (
        "sync/test_renewed_file.py::test_a_file_that_was_put_back_claims_nothing_before_the_hub_answers",
        "sync/test_renewed_file.py::test_of_two_living_files_of_one_station_both_are_stopped_in_the_end",
        "faults/test_copies.py::test_of_two_living_copies_no_more_than_one_goes_on",
    ),
    22: (
        "sync/hub/test_old_versions.py::test_every_operation_that_was_ever_frozen_is_taken_and_none_holds_up_those_behind_it",
        "sync/hub/test_old_versions.py::test_a_station_takes_the_rows_of_every_release",
        "sync/test_catching_up.py::test_rows_of_a_table_that_is_not_known_yet_are_taken_up_after_an_upgrade",
    ),
    23: (
        "sync/test_reclaim.py::test_what_a_revoked_station_says_is_kept_and_changes_nothing",
        "sync/test_reclaim.py::test_who_takes_no_part_any_more_is_given_nothing_and_told_so",
        "simulation/test_revoked.py::test_what_it_still_says_changes_nothing_and_the_others_finish_the_day",
        "sync/test_doors.py::test_a_station_that_was_taken_out_hands_nothing_back_and_writes_over_no_address",
        "sync/test_doors.py::test_a_station_that_was_taken_out_does_not_say_that_the_hub_was_set_back",
    ),
    24: (
        "people/test_permissions.py::test_the_door_lets_a_role_do_what_its_table_says_and_nothing_else",
        "sync/test_doors.py::test_every_operation_is_done_by_somebody_who_may",
        "sync/test_doors.py::test_every_operation_comes_from_stations_that_are_there_for_it",
    ),
    25: (
        "proof/test_forged.py::test_every_kind_of_edit_is_found",
        "proof/test_forged.py::test_history_that_is_written_anew_with_all_its_hashes_is_found_by_whoever_heard_it",
    ),
    26: (
        "printing/test_zpl.py::test_a_field_is_escaped_and_ends_once",
        "printing/test_back_ends.py::test_a_label_with_a_hostile_text_is_one_label_that_says_its_number",
        "cli/test_export.py::test_an_imported_formula_comes_out_disarmed_in_csv_and_as_it_was_in_json",
    ),
}
"""By the protocol's own numbers."""

CONFLICTS: Mapping[str, tuple[str, ...]] = {
    "work unit: two stations want it": (
        "sync/test_leases.py::test_a_station_is_given_as_much_as_it_asks_for_and_no_walk_twice",
    ),
    "packing: a fill whose pick was not heard of": (
        "sync/test_fills.py::test_a_bench_packs_by_the_slip_what_it_has_not_heard_of_and_the_late_picks_reconcile",
        "sync/test_fills.py::test_what_the_slip_did_not_say_is_owed_and_told",
    ),
    "packing: one fulfilment from two fills": (
        "sync/test_fills.py::test_units_that_two_benches_packed_are_in_two_parcels_and_a_case_names_both",
        "sync/test_docks.py::test_of_two_parcels_of_the_same_units_the_first_goes_and_the_second_is_stopped",
    ),
    "order work: held offline, cancelled": (
        "sync/test_cancels.py::test_a_cart_that_picked_on_gives_back_what_it_picked",
        "sync/test_cancels.py::test_what_a_dock_loaded_before_it_heard_of_the_cancel_has_left_and_is_told",
        "simulation/test_rules.py::test_a_kept_day_goes_well",
    ),
    "order lines: changed while leased": (
        "sync/test_cancels.py::test_a_changed_order_that_a_bench_packed_unheard_of_is_stopped_at_the_dock",
        "sync/test_changes.py::test_units_that_a_cart_picked_unheard_of_the_change_are_asked_back_and_the_rest_goes_on",
        "sync/test_changes.py::test_a_parcel_that_was_labelled_for_the_address_before_stops_at_the_dock_until_it_has_another_label",
        "sync/test_changes.py::test_what_left_unheard_of_the_change_is_told_once",
        "simulation/test_rules.py::test_a_kept_day_goes_well",
    ),
    "shipment: by an old fence after a reclaim": (
        "sync/test_docks.py::test_units_that_two_docks_loaded_unheard_of_each_other_open_a_red_case",
        "sync/test_reclaim.py::test_a_parcel_that_a_lost_dock_may_have_loaded_is_asked_for_at_the_carrier_and_stopped",
    ),
    "stock: more picked than the books have": (
        "sync/test_conflicts.py::test_more_is_picked_than_the_books_have_by_then",
    ),
    "stock: adjusted and picked": (
        "sync/test_conflicts.py::test_what_was_adjusted_and_what_was_picked_both_count",
        "sync/test_conflicts.py::test_more_is_adjusted_away_than_the_books_have_by_then",
    ),
    "stock: counted while others pick": (
        "sync/test_conflicts.py::test_a_count_and_a_pick_that_was_not_heard_of_come_to_the_same_whichever_comes_first",
        "sync/test_conflicts.py::test_what_a_station_picked_before_it_counted_is_no_difference",
        "sync/test_conflicts.py::test_a_place_that_was_counted_as_the_books_had_it_is_counted_once",
    ),
    "stock: counted twice": (
        "sync/test_conflicts.py::test_two_counts_that_agree_correct_the_books_once",
        "sync/test_conflicts.py::test_of_two_counts_that_differ_the_first_stands_and_the_place_is_counted_once_more",
    ),
    "reserve right: spent offline, reclaimed": (
        "sync/test_kept_beside.py::test_what_a_lost_cart_took_from_beside_its_walk_before_another_got_it_stands_and_is_told",
    ),
    "receiving: one delivery line booked twice": (
        "sync/test_goods_in.py::test_two_who_book_one_line_apart_both_stand_and_a_case_names_both",
        "sync/test_goods_in.py::test_two_halves_of_a_line_are_no_case",
        "sync/test_goods_in.py::test_what_was_booked_twice_is_taken_out_once_however_many_say_so",
        "sync/test_goods_in.py::test_of_who_keeps_units_and_who_takes_them_out_the_first_stands_and_the_other_is_told",
    ),
    "return: received at two stations": (
        "sync/test_returns.py::test_of_two_stations_that_received_one_box_the_first_stands_and_a_case_names_both",
        "sync/test_returns.py::test_whoever_looks_says_where_the_box_stands",
        "sync/test_returns.py::test_two_boxes_of_one_order_that_two_stations_received_are_two",
    ),
    "tote, location: moved by two": (
        "sync/test_moves.py::test_of_two_moves_of_the_same_goods_the_last_of_the_feed_stands_and_both_are_in_the_ledger",
        "sync/test_moves.py::test_of_two_who_carried_one_tote_the_last_of_the_feed_says_where_it_stands",
        "sync/test_moves.py::test_clocks_decide_only_whether_somebody_is_told",
        "station/test_moving.py::test_what_is_decided_is_where_it_lies_then",
    ),
    "label: one number twice": ("sync/test_docks.py::test_a_number_on_two_parcels_stops_both_of_them",),
    "item master, settings: two edits": (
        "sync/test_receiving.py::test_an_edit_that_loses_becomes_a_case_with_both_versions_and_the_first_stands_everywhere",
        "cli/test_cases.py::test_both_versions_of_an_edit_that_lost_are_shown_and_the_other_one_is_taken",
    ),
    "notes": (
        "sync/test_notes.py::test_notes_that_were_written_apart_are_all_kept_with_their_words_at_every_station",
        "sync/test_notes.py::test_a_case_that_one_settles_is_still_written_about_by_another",
    ),
    "photos": (
        "sync/test_photos.py::test_photos_that_were_added_apart_are_all_kept_and_come_to_whoever_looks",
        "sync/test_photos.py::test_the_same_picture_of_two_notes_is_kept_once",
        "sync/test_photos_over_http.py::test_a_photo_that_was_added_while_the_hub_was_away_comes_to_whoever_looks_at_it",
    ),
    "case: settled by two": (
        "sync/test_conflicts.py::test_a_case_that_two_settled_alike_is_settled",
        "sync/test_conflicts.py::test_of_two_decisions_about_a_case_the_first_stands_and_the_second_is_told",
        "amending/test_not_there.py::test_two_who_do_not_find_them_are_one",
        "amending/test_not_there.py::test_units_that_the_other_one_puts_back_are_found",
        "amending/test_not_there.py::test_units_that_were_put_back_are_not_missing_because_somebody_else_looked_in_the_tote_later",
    ),
    "user, role: changed while the station was away": (
        "sync/test_doors.py::test_what_was_picked_by_somebody_whose_role_was_taken_meanwhile_is_kept_and_told",
        "sync/test_doors.py::test_a_walk_that_was_begun_by_somebody_whose_role_was_taken_is_not_begun",
    ),
    "station: of another kind meanwhile": (
        "sync/test_doors.py::test_what_was_picked_at_a_station_that_is_no_cart_any_more_is_kept_and_what_was_claimed_is_not",
    ),
    "master row that is gone": ("kernel/test_facts.py::test_any_fact_about_anything_is_applied_to_any_rows",),
    "label: void and handed over": ("sync/test_docks.py::test_a_hand_over_stands_where_the_label_was_void_by_then",),
}
"""What the matrix says, row by row."""


HOLES: Mapping[str, tuple[str, ...]] = {
    "a late push taken for a roll-back": (
        "sync/test_renewed_file.py::test_a_late_push_and_a_late_answer_never_mean_that_a_file_is_old",
    ),
    "a re-granted fence answered already released": (
        "sync/test_holes_of_the_models.py::test_d_the_highest_fence_wins_over_an_older_lease_in_the_restored_data",
        "simulation/test_rules.py::test_a_rule_is_needed",
    ),
    "an incarnation minted twice": (
        "sync/test_holes_of_the_models.py::test_no_incarnation_is_minted_twice_over_a_restore",
    ),
    "a ghost lease": (
        "sync/test_holes_of_the_models.py::test_a_lease_that_was_given_back_is_no_ghost_after_its_grant_was_restored",
    ),
    "a load in doubt overwritten by the next": (
        "shipping/test_dispatch.py::test_after_a_restart_the_parcel_that_was_booked_last_is_looked_for_before_any_other",
    ),
    "two parcels of one order stopped": (
        "sync/test_docks.py::test_two_parcels_of_one_order_that_two_benches_packed_apart_both_leave",
    ),
    "a slip in the wrong tote": (
        "sync/test_fills.py::test_a_fill_that_is_known_done_or_changed_is_never_packed_by_an_old_slip",
        "simulation/test_rules.py::test_a_rule_is_needed",
    ),
    "a cart that was rolled back resumes a fill": (
        "sync/test_renewed_file.py::test_what_lay_on_the_cart_of_a_file_that_was_put_back_is_not_picked_on",
    ),
    "a dock that lost its memory": (
        "sync/test_reclaim.py::test_what_a_dock_without_its_memory_may_have_loaded_is_presumed_gone",
        "sync/test_reclaim.py::test_a_carrier_of_a_dock_that_lost_its_memory_is_free_once_its_parcels_were_looked_for",
    ),
    "copies with the same labels": ("sync/test_docks.py::test_a_number_on_two_parcels_stops_both_of_them",),
    "a living dock declared lost": ("sync/test_reclaim.py::test_a_dock_is_given_up_only_with_its_device_switched_off",),
    "a cancel that counted as done": (
        "sync/test_cancels.py::test_a_dock_that_heard_of_it_counts_only_once_its_whole_log_is_here",
        "sync/test_cancels.py::test_after_a_final_cancel_no_dock_loads_it",
    ),
    "a box without its label after a roll-back": (
        "sync/test_renewed_file.py::test_a_carton_that_was_closed_before_its_file_was_put_back_is_asked_about",
    ),
    "a recovery that waits for a lost station": (
        "sync/test_holes_of_the_models.py::test_a_recovery_does_not_wait_for_a_station_that_was_given_up",
    ),
    "rows handed back from the epoch before only": (
        "sync/test_restored_hub.py::test_two_restores_in_a_row_forget_nothing",
        "sync/test_restored_hub.py::test_what_was_done_in_the_last_epoch_counts_also_beside_what_waits_since_an_earlier_one",
    ),
    "a copy that packed before the hub knew its start": (
        "sync/test_renewed_file.py::test_of_two_living_files_of_one_station_both_are_stopped_in_the_end",
        "simulation/test_rules.py::test_a_rule_is_needed",
    ),
    "not found before a dock had heard of the loss": (
        "sync/test_reclaim.py::test_not_found_waits_until_every_dock_was_heard_since_the_loss",
    ),
    "a dock's break that the hub forgot": (
        "sync/test_holes_of_the_models.py::test_a_break_of_a_dock_is_not_forgotten_with_the_hub",
    ),
    "one carrier at two docks": (
        "sync/test_docks.py::test_the_label_alone_opens_no_list_of_a_carrier_that_another_dock_loads",
        "sync/test_carriers.py::test_a_carrier_changes_its_dock_only_through_the_hub_and_not_while_its_list_is_open",
    ),
}
"""What earlier drafts of the protocol's second model let through, but for what needs a promoted hub (8.6); the first one's are a to e."""


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_invariant_every_row_of_the_matrix_and_every_hole_has_tests_that_are_there() -> None:
    assert list(INVARIANTS) == list(range(1, 27))
    named = [name for table in (INVARIANTS, CONFLICTS, HOLES) for names in table.values() for name in names]
    parts = [name.partition("::") for name in named]
    assert [name for name, (path, _, test) in zip(named, parts, strict=True) if test not in _tests(path)] == []
    assert all(CONFLICTS.values())
