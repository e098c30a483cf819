"""Whose workers may come from a fork server that others have used."""

from __future__ import annotations

from harness.jobs.server_link import end_idle_servers, give_back, take_server

OWN, OTHER = "json", "csv"


def test_a_server_with_somebody_elses_suite_is_not_used_again() -> None:
    """What may depend on a module that the job does not tell of would not be kept; one that lacks something is used."""
    end_idle_servers()
    server = take_server([OWN])
    for modules in ([OWN], [OTHER, OWN], ["harness.jobs.worker_process", OWN]):
        give_back(server)
        assert take_server(modules) is server
    give_back(server)
    without = take_server(["harness.jobs.worker_process"])
    assert without is not server
    give_back(without)
    assert take_server([OWN]) is without
    without.close()
