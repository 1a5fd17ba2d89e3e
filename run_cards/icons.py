"""Emoji that a card may have beside its title: Slack draws them everywhere, and none is a sign of something else."""

ICONS = frozenset(
    icon.strip(":")
    for icon in (
        *(":books:", ":notebook:", ":memo:", ":clipboard:", ":calendar:", ":card_file_box:", ":file_folder:"),
        *(":page_facing_up:", ":package:", ":chart_with_upwards_trend:", ":bar_chart:", ":moneybag:", ":credit_card:"),
        *(":shopping_trolley:", ":email:", ":telephone_receiver:", ":speech_balloon:", ":mega:", ":ticket:"),
        *(":mag:", ":globe_with_meridians:", ":world_map:", ":house:", ":office:", ":factory:", ":hospital:"),
        *(":gear:", ":wrench:", ":hammer_and_wrench:", ":electric_plug:", ":satellite:", ":robot_face:", ":bulb:"),
        *(":test_tube:", ":microscope:", ":mortar_board:", ":art:", ":camera:", ":musical_note:", ":clock3:"),
        *(":truck:", ":airplane:", ":octopus:", ":whale:", ":elephant:", ":snake:", ":bug:", ":seedling:"),
        *(":rocket:", ":star:", ":zap:", ":fire:", ":sparkles:", ":key:", ":link:"),
    )
)
