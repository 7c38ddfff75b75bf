"""Other steps: what somebody who answers a check answered to the same item before."""

from __future__ import annotations

# What the person answered to the item's other steps in checks of the same kind.
OTHER_STEPS = """
FROM annotation_check k
JOIN annotation_check o ON o.annotator_id = k.annotator_id AND o.campaign_id = k.campaign_id
    AND o.item_id = k.item_id AND o.step <> k.step AND o.attempt = k.attempt
    AND (o.purpose = 'repeat') = (k.purpose = 'repeat')
    AND (o.purpose = 'qualification') = (k.purpose = 'qualification')
JOIN annotation_annotation a ON a.id = o.annotation_id
WHERE k.id = {check}
"""
