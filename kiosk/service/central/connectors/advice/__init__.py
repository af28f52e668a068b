"""The decision of an external rule engine, such as the Flemish Automatic Advice, as a fact.

No wire format of such an engine is public, so none is invented here: whoever has access brings an
adviser, and this turns what it says into facts.
"""
