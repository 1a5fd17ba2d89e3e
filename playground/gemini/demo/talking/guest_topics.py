"""What guests ask about their chat, whatever it is for, and what each is answered."""

PERSON = (
    r"\b(?:speak|talk|chat|connect me|transfer|put me through|get me)\b.*\b(?:human|person"
    r"|someone|somebody|agent|manager|host|representative|staff|real)\b|\b(?:a human|human being"
    r"|real person|representative|call me|phone me|contact me|get back to me|reach me)\b"
)
ENDS = r"\b(?:open|clos(?:e|ing)|valid|expire|end|available|last|work)\w*"
CHAT = rf"(?:\b(?:chat|link|conversation|page)\b|\bthis(?= (?:stay |be )?{ENDS}|\W*$))"
TOPICS = (
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?"
        r"|everything|guidelines)\b|\b(?:system|initial|hidden|secret|original) (?:prompt"
        r"|instructions?|message|notes?)\b|\b(?:your|the|host'?s?|their) (?:instructions?|prompt"
        r"|rules|notes|guidelines|briefing)\b|\bwhat (?:were|was|are) you (?:told|instructed"
        r"|asked)\b|\bwhat did (?:the|your) (?:host|boss|owner|creator) (?:tell|say|write)"
        r"|\bjailbreak|\bdeveloper mode\b|\byou are now\b|\bpretend (?:to be|you)\b|\b(?:repeat"
        r"|print|translate|show|output|encode) (?:everything|all|the text|the words"
        r"|your)\b.*\b(?:above|before|prompt|instructions?)\b|\bwhat does it say above\b",
        "{inside} {about} What can I do for you?",
    ),
    (
        r"\bare you (?:a |an |really |actually )*(?:human|person|real|bot|robot|machine|program|ai"
        r"|alive|gemini|chat ?gpt|claude|gpt)\b|\bis (?:this|there) (?:a |an )?(?:bot|robot|ai"
        r"|human|person|chatbot)\b|\bam i (?:talking|speaking|chatting) (?:to|with) (?:a "
        r"|an )?(?:human|person|bot|robot|machine|real)",
        "No person, but a program: I am Usher, for now its {name}. {reads}.",
    ),
    (
        r"\bwho (?:are|r) (?:you|this)\b|\bwhat are you\b|\bwhat is your name\b|\bwho is this\b"
        r"|\bwhich (?:model|ai|llm)\b|\bwhat (?:model|ai|llm)\b|\bwho am i (?:talking|speaking"
        r"|chatting) (?:to|with)\b|\bintroduce yourself\b",
        "I am Usher, an assistant in this chat, for now its {name}. I take down what you need,"
        " and {host} reads it. {about}",
    ),
    (
        r"\bwho (?:is|'s) (?:the |your |my )?(?:host|owner|boss|creator)\b|\bwho (?:sent|made"
        r"|created|runs|owns|invited)\b|\bwhat (?:company|organisation|organization)\b|\bwhose\b"
        r"|\bwho (?:do you work for|are you working for|is behind)|\bwho else is (?:here|there|in)\b",
        "I know no name: your host is {host}, and all I know is what this chat says of itself. {about}",
    ),
    (r"\bhow are you\b|\bhow is it going\b|\bwhat is up\b", "I am well, thank you. What can I do for you?"),
    (
        r"\bwhat (?:is|are) this\b|\bwhat is (?:the |this )?(?:chat|link|page|site|purpose|about"
        r"|it about)\b|\bwhy am i here\b|\bwhat is this (?:chat|about|for)\b|\bwhat is usher\b"
        r"|\bwhat am i (?:supposed|meant) to do\b|\bhow does (?:this|it) work\b"
        r"|\bexplain\b.*\bthis\b|\bwhat (?:do i|should i) do(?: here| now)?\W*$",
        "This is a chat that you opened by a link. {about} Write what you need, and {host} reads it.{closing}",
    ),
    (
        r"\bwhat (?:all )?can (?:you|i|u) (?:do|ask|say|help)|\bhow can you help\b|\bcan you help\b"
        r"|^\W*help\W*(?:me\W*)?$|\bi need (?:some )?help\W*$|\bwhat do you (?:do|know)\b"
        r"|\bwhat tools\b|\bwhich tools\b",
        "I take down what you need and what you want to know, so that {host} has it all in one"
        " place. {about} What is it about?",
    ),
    (
        r"\b(?:who (?:else )?(?:can )?(?:sees?|reads?)|privacy|confidential|gdpr|anonymous"
        r"|(?:is|are) (?:this|it|that|the chat|my (?:data"
        r"|messages?)) (?:chat )?(?:really )?(?:private|safe|secure|recorded)|(?:data|messages?"
        r"|info\w*) (?:sent|stored|shared|used|saved|go)"
        r"|do you (?:store|save|share|keep|record|log))\b|\bdata protection\b",
        "{reads}, and nobody else has this chat in their browser but you. Please write no"
        " passwords or payment data here.",
    ),
    (
        PERSON,
        "I cannot fetch anybody, but {host} reads this chat. {reach}",
    ),
    (
        rf"\b(?:how long|(?:until |till )?when)\b.*(?:{CHAT}.*{ENDS}|{ENDS}.*{CHAT})|{CHAT}.*\bexpir(?:e|es|y)\b"
        r"|\bexpiry\b|\bhow long (?:do|can) i (?:have|stay|write|chat)\b|\bcan i come back\b|\bcome back later\b",
        "{open} You can leave the page and come back in the same browser until then.",
    ),
    (
        r"\b(?:end|close|leave|quit|exit|delete|save|download|copy of|export)\b.*\b(?:chat"
        r"|conversation|transcript|this)\b|\btranscript\b",
        "The menu of this page ends the chat and saves its transcript. Once ended, it cannot be opened again.",
    ),
    (
        r"\b(?:are you|is anyone|is anybody|anyone|anybody|is somebody"
        r"|someone) (?:still )?(?:there|here)\b|^\W*(?:hello|hi|hey)\W*\?+\W*$|\bwhen (?:will|do"
        r"|can) (?:i|they|someone|somebody|you) (?:get|hear|answer|reply|respond)\b|\bhow (?:long"
        r"|soon)\b.*\b(?:answer|reply|response|wait|take)\b",
        "I am here, and {host} reads this chat. When they answer, I cannot say. What should they know until then?",
    ),
    (
        r"\b(?:slack|/mcp|connect|github)\b",
        "That is not possible in this chat: I work only with what the host gave me. {about}",
    ),
    (
        r"\b(?:stupid|idiot|useless|dumb|you suck|terrible|rubbish|garbage|shut up|wtf|fuck\w*"
        r"|shit|crap)\b",
        "I am sorry that I am no better help. Write what you need, and {host} reads it.",
    ),
)
