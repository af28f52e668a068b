"""MAGDA, the exchange platform of Flanders, over SOAP: six services that tell facts.

From the outside in: :mod:`.sources` makes connectors of the facts, :mod:`.client` asks one service
and believes only an answer to this question about this person, :mod:`.transport` and
:mod:`.signature` carry it. Each foreign library has one module: lxml :mod:`.xml`, signxml
:mod:`.signature`, httpx :mod:`.transport`.
"""
