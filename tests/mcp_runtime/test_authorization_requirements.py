"""What revision 2026-07-28 asks of a client in its authorization chapter, each with the tests that show it."""

from collections.abc import Callable

import pytest

from tests.mcp_runtime import test_oauth as runtime
from tests.mcp_runtime import test_oauth_discovery as discovery
from tests.mcp_runtime import test_secrets as secrets
from tests.mcp_runtime.conformance import test_conformance
from tests.services import test_oauth as services
from tests.web import test_oauth as web

Shown = tuple[Callable[..., object], ...]
CONFORMS = test_conformance.test_all_that_the_revision_requires_of_a_client_passes

REQUIRED: dict[str, Shown] = {
    # Discovery
    "use protected resource metadata to find the authorization server": (
        web.test_a_member_signs_in_at_the_service_and_both_windows_say_so,
    ),
    "read WWW-Authenticate on a 401, and use its address first": (
        discovery.test_the_bearer_challenge_is_read_among_all_that_a_header_may_hold,
        discovery.test_the_document_of_a_server_is_looked_for_where_it_says_then_at_its_path_then_at_its_root,
    ),
    "else fall back to the well-known addresses, in their order": (
        discovery.test_the_document_of_a_server_is_looked_for_where_it_says_then_at_its_path_then_at_its_root,
    ),
    "support RFC 8414 and OpenID Connect Discovery, and try the addresses in the order prescribed": (
        discovery.test_the_document_of_a_sign_in_server_is_looked_for_in_the_order_that_is_prescribed,
        CONFORMS,
    ),
    "use no metadata whose issuer is not the one that it was looked up for": (
        web.test_a_sign_in_that_is_not_safe_is_not_begun,
        services.test_the_secret_of_a_registered_client_goes_to_no_other_issuer,
    ),
    # Registration
    "obtain a client id by document, pre-registration or dynamic registration, in the order advised": (
        services.test_a_registered_client_is_used_before_any_other_way,
        services.test_a_client_document_is_named_where_the_service_reads_it,
        web.test_the_request_carries_all_that_the_protocol_asks_for,
    ),
    "host the client document at an https address with a path, naming itself, its name and where to come back to": (
        web.test_what_we_say_of_ourselves_is_what_the_protocol_asks_for,
        web.test_our_document_is_only_where_services_could_read_it,
    ),
    "say an application_type that fits when registering": (
        web.test_the_request_carries_all_that_the_protocol_asks_for,
        discovery.test_what_a_registration_chose_is_what_is_used,
    ),
    "be prepared for a registration that fails for the address to come back to": (
        discovery.test_a_registration_that_is_of_no_use_is_told_before_anybody_is_sent_there,
    ),
    "bind credentials to the issuer that gave them, and reuse them with no other": (
        services.test_the_secret_of_a_registered_client_goes_to_no_other_issuer,
        services.test_a_client_of_one_sign_in_server_is_not_taken_to_the_next,
    ),
    "register anew when the authorization server changes": (
        services.test_a_client_of_one_sign_in_server_is_not_taken_to_the_next,
        CONFORMS,
    ),
    "have the addresses to come back to registered": (web.test_the_request_carries_all_that_the_protocol_asks_for,),
    # Scopes
    "assume no relation between challenged and supported scopes, and take the challenge as what is needed": (
        runtime.test_a_tool_that_takes_more_rights_says_so_and_the_next_sign_in_asks_for_them,
        services.test_the_least_is_asked_for_that_the_card_names,
    ),
    "step up with the union of scopes, and give up after a few times": (
        runtime.test_a_tool_that_takes_more_rights_says_so_and_the_next_sign_in_asks_for_them,
        runtime.test_a_server_that_asks_for_ever_more_rights_fills_nothing,
        CONFORMS,
    ),
    # The request and its answer
    "implement PKCE with S256": (web.test_the_request_carries_all_that_the_protocol_asks_for,),
    "refuse to go on where code_challenge_methods_supported is absent": (
        web.test_a_sign_in_that_is_not_safe_is_not_begun,
    ),
    "record the issuer with the verifier and state of the request": (
        services.test_each_step_may_be_taken_by_another_process,
    ),
    "hold iss against the recorded issuer before the code goes anywhere, and refuse where it is announced and absent": (
        web.test_an_answer_of_another_sign_in_server_is_believed_in_nothing,
        CONFORMS,
    ),
    "compare iss letter by letter": (web.test_an_issuer_is_compared_letter_by_letter,),
    "act on and show nothing of an error whose iss does not match": (
        web.test_an_answer_of_another_sign_in_server_is_believed_in_nothing,
    ),
    "verify state, and discard what does not have it": (
        web.test_a_ticket_and_an_answer_count_once,
        web.test_what_was_begun_in_one_browser_cannot_end_in_another,
    ),
    "send resource in authorization and token requests, as the canonical address, whether supported or not": (
        web.test_the_request_carries_all_that_the_protocol_asks_for,
        runtime.test_a_refresh_token_goes_to_the_token_endpoint_alone,
        discovery.test_a_server_is_identified_as_the_protocol_has_it,
    ),
    "take a resource's metadata for that resource alone": (discovery.test_a_document_for_another_server_is_not_taken,),
    # Tokens
    "send the token in the Authorization header of every request": (runtime.test_an_access_token_is_in_no_address,),
    "put no token into an address": (runtime.test_an_access_token_is_in_no_address,),
    "send a server no token but one of its own authorization server": (
        runtime.test_a_refresh_token_goes_to_the_token_endpoint_alone,
    ),
    "keep refresh tokens confidential in transit and storage": (
        runtime.test_a_refresh_token_goes_to_the_token_endpoint_alone,
        secrets.test_a_row_moved_to_another_owner_does_not_open,
    ),
    "not assume that there will be a refresh token": (
        runtime.test_without_a_token_to_renew_it_with_its_member_signs_in_again,
    ),
    # Communication
    "use https for every endpoint of the authorization server": (
        web.test_a_sign_in_that_is_not_safe_is_not_begun,
        discovery.test_nobody_is_sent_to_an_address_that_is_no_plain_https_page,
    ),
    "guard what documents lead to (SSRF)": (
        discovery.test_no_document_leads_to_an_address_that_may_not_be_called,
        discovery.test_a_redirect_to_another_origin_is_not_followed,
    ),
}


@pytest.mark.parametrize("requirement", REQUIRED)
def test_each_requirement_is_shown_by_tests_that_are_run(requirement: str) -> None:
    for shown in REQUIRED[requirement]:
        marks = {mark.name for mark in getattr(shown, "pytestmark", ())}
        assert shown.__name__.startswith("test_") and not marks & {"skip", "skipif", "xfail"}
