"""Stripe, through its hosted MCP server and the member's own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.stripe.com/", secrets=())


CARD = RunCard(
    name="stripe",
    title="Stripe",
    about="Customers, payments, invoices and subscriptions of your Stripe account.",
    fields=(),
    server=_server,
    oauth=OAuth(),
    reads=frozenset(
        """
        fetch_stripe_resources get_stripe_account_info list_coupons list_customers list_disputes list_invoices
        list_payment_intents list_prices list_products list_subscriptions retrieve_balance search_stripe_documentation
        search_stripe_resources stripe_api_details stripe_api_read stripe_api_search
        """.split()  # noqa: SIM905  as lines to read
    ),
    icon=":credit_card:",
    notes=("Payments are real money: whatever changes something asks you first.",),
    example="How much is on our Stripe balance?",
    questions=("Which invoices are overdue?", "How many subscriptions were cancelled this month?"),
    documentation="https://docs.stripe.com/mcp",
)
