"""Following companies: watchlists, what changed, and telling of it once.

`judging.judge` notes what changed and who is to be told, `sending.send_due` tells them; `watchlists` is what people do with
their lists. A list is known by a secret link and by nothing else.
"""
