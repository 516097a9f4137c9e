"""Relying parties, as their makers made them. Each class has a name, says whether its provider has to
be secure and whether it is told who answers (`iss`), and has

    begin(browser)    to the forum, and by its own link to the provider
    account(browser)  who is signed in there: the forum's own key of the account, and the name it shows; None if nobody is
    denied(browser)   what the forum shows to whom it let not in
    leave(browser)    signs out of the forum
    accounts()        keys of all accounts it has; None where a forum keeps none

and may have

    is_regular(browser)  whether it takes the member for one of the group `regulars`
    log_out(browser)     signs out of the forum and of the provider, and comes back
"""
