"""The seventeen rows of devices.md 7.1: each peer's bug, and the tests that would fail if we had it."""

import importlib
from inspect import isfunction

import pytest

SCANS, SCALES = "tests.acceptance.test_scans", "tests.acceptance.test_scales"
LEDGER, WIRE = "tests.acceptance.test_print_ledger", "tests.printing.test_wire"
ROWS = {
    "ERPNext 55012": (SCANS, "test_200_scans_at_100_a_second_with_a_hub_that_takes_500_ms_are_accepted_in_order"),
    "OCA 2648": (SCANS, "test_a_scan_while_a_code_is_typed_goes_past_the_field"),
    "ERPNext 19045": (SCANS, "test_every_terminator_ends_one_scan_also_doubled"),
    "ERPNext 47388": (SCANS, "test_another_barcode_of_the_same_item_counts_on_the_same_line"),
    "WebSerial 300 ms": (SCANS, "test_two_scans_10_ms_apart_are_two"),
    "biip": (
        SCANS, "test_an_item_is_found_by_every_symbol_with_and_without_its_id",
        "test_a_code_that_may_have_lost_its_separator_is_refused_from_a_scanner_that_was_not_learnt",
    ),
    "InvenTree 11650, 12873": (
        LEDGER, "test_inventree_11650_and_12873_killed_at_every_byte_and_every_write_no_label_comes_twice_or_is_lost",
    ),
    "InvenTree 11650, on processes": (
        "tests.acceptance.test_killed_printing",
        "test_inventree_11650_a_station_killed_while_it_prints_has_no_label_twice_and_none_lost_that_nobody_knows_of",
        "test_a_station_whose_power_goes_while_it_prints_knows_afterwards_what_may_lie_on_the_floor",
    ),
    "InvenTree 8740": (
        "tests.acceptance.test_slow_link", "test_inventree_8740_a_megabyte_over_a_slow_link_shows_progress_and_is_printed",
    ),
    "inventree-cups 15": (LEDGER, "test_inventree_cups_15_a_late_confirmation_turns_unknown_into_printed_without_anybody"),
    "Odoo spooler": (LEDGER, "test_odoo_spooler_gone_is_no_success"),
    "QZ 784": (
        LEDGER, "test_qz_784_a_printer_whose_status_nobody_understands_is_unknown_and_gets_nothing",
    ),
    "QZ 81, 128, 25": (
        SCALES, "test_a_scale_that_sends_faster_than_it_is_read_does_not_lag", "test_an_empty_report_is_no_weight_of_nothing",
        "test_a_scale_that_froze_for_six_hours_is_found_out_and_opened_again",
        "test_a_scale_pulled_out_within_a_frame_leaves_no_weight",
    ),
    "Odoo scale": (SCALES, "test_a_scale_in_motion_shows_no_weight_and_is_not_captured"),
    "QZ 821": (SCANS, "test_a_port_that_another_program_holds_is_named_with_that_program"),
    "LPrint 161": (WIRE, "test_lprint_161_a_clone_without_status_is_probed_once_and_marked_one_way"),
    "CUPS 4 s": (LEDGER, "test_cups_4_s_delay_the_start_of_a_label_is_measured_and_a_slow_printer_is_named"),
    "Odoo layouts": (SCANS, "test_a_scanner_on_another_keyboard_layout_brings_the_right_data_after_the_sheet"),
}  # fmt: skip
"""The module and the tests of each; the seventh is played byte by byte, and once more on real processes."""


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_tests_under_their_names(row: str) -> None:
    module, *names = ROWS[row]
    found = vars(importlib.import_module(module))
    assert names
    assert all(isfunction(found.get(name)) for name in names), sorted(set(names) - set(found))


def test_there_are_seventeen() -> None:
    assert len({row.removesuffix(", on processes").split(",")[0] for row in ROWS}) == 17
