"""A campaign: a protocol put to work on a dataset."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from annotation.themes import KINDS
from annotation.vocabulary import CampaignState, Strategy
from datasets_app.vocabulary import VerdictMethod


class Campaign(models.Model):
    """How many people judge each item of a dataset, for how long a lease, and when they agree."""

    dataset = models.ForeignKey("datasets_app.Dataset", models.PROTECT, related_name="campaigns")
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    protocol = models.CharField(max_length=80, help_text="key@version")
    state = models.CharField(max_length=6, choices=CampaignState, default=CampaignState.OPEN)
    overlap = models.PositiveSmallIntegerField(
        default=3,
        validators=(MinValueValidator(1), MaxValueValidator(9)),
        help_text="How many people answer each step of each item.",
    )
    strategy = models.CharField(
        max_length=10,
        choices=Strategy,
        default=Strategy.FIXED,
        help_text="Whether an item whose answers are not sure yet is given to more people.",
    )
    overlap_at_most = models.PositiveSmallIntegerField(
        default=7,
        validators=(MinValueValidator(1), MaxValueValidator(9)),
        help_text="To how many people at most, when it takes as many as it takes.",
    )
    certainty = models.FloatField(
        default=0.9,
        validators=(MinValueValidator(0.5), MaxValueValidator(0.999)),
        help_text="How probable the leading answer has to be for an item to need nobody more.",
    )
    skips_at_most = models.PositiveSmallIntegerField(
        default=3,
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(9)),
        help_text="After so many skips because it cannot be judged, a curator gets the item.",
    )
    lease_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=(MinValueValidator(1), MaxValueValidator(1440)),
        help_text="How long an item is kept for the person who has it; use extends it.",
    )
    method = models.CharField(
        max_length=12,
        choices=[(m.value, m.label) for m in VerdictMethod if m is not VerdictMethod.RULING],
        default=VerdictMethod.MAJORITY,
        help_text="How votes become a verdict.",
    )
    minimum_agreement = models.FloatField(
        default=0.6,
        validators=(MinValueValidator(0.0), MaxValueValidator(1.0)),
        help_text="Below this share (or posterior, with Dawid–Skene) a question is disputed.",
    )
    is_checked = models.BooleanField(
        default=False,
        help_text="Whether checks are mixed in, and the rules about people's records apply.",
    )
    gold_share = models.FloatField(
        default=0.05,
        validators=(MinValueValidator(0.0), MaxValueValidator(0.5)),
        help_text="How much of what a person gets is gold or an attention check, 0 to 0.5.",
    )
    repeat_share = models.FloatField(
        default=0.02,
        validators=(MinValueValidator(0.0), MaxValueValidator(0.5)),
        help_text="How much of what a person gets was answered before, its sides swapped now.",
    )
    pass_mark = models.FloatField(
        default=0.75,
        validators=(MinValueValidator(0.0), MaxValueValidator(1.0)),
        help_text="The accuracy in a group of questions that passes the qualification.",
    )
    asks_reading = models.BooleanField(
        default=False,
        help_text="Whether the guideline must have been read to its end before work begins.",
    )
    measured_to = models.BigIntegerField(
        default=0, editable=False, help_text="The last event that its people's measures know of."
    )
    daily_exposure = models.PositiveIntegerField(
        null=True,
        default=10_800,
        validators=(MinValueValidator(60),),
        help_text="Severity × seconds of harm revealed to one person in a day; empty: no limit.",
    )
    daily_answers = models.PositiveIntegerField(
        null=True,
        validators=(MinValueValidator(1),),
        help_text="How many answers one person gives in a day; empty: no limit.",
    )
    mild_after_severe = models.PositiveSmallIntegerField(
        default=1,
        validators=(MaxValueValidator(10),),
        help_text="How many mild items follow a severe one; 0: whatever comes.",
    )
    cooldown_minutes = models.PositiveSmallIntegerField(
        default=10,
        validators=(MaxValueValidator(240),),
        help_text="How long nothing severe follows a severe item that was revealed or answered.",
    )
    reminder_minutes = models.PositiveSmallIntegerField(
        null=True,
        default=50,
        validators=(MinValueValidator(5), MaxValueValidator(240)),
        help_text="After how many minutes of work one is reminded of a break; empty: never.",
    )
    most_items = models.PositiveIntegerField(
        null=True,
        validators=(MinValueValidator(1),),
        help_text="How many items of the campaign one person begins; empty: no limit.",
    )
    needs_consent = ArrayField(
        models.CharField(max_length=40),
        default=list,
        db_default=[],
        help_text="Kinds of content, keys of themes or severe, given only to who said yes to them.",
    )
    guideline = models.TextField(blank=True, help_text="Markdown, shown to annotators.")
    guideline_version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dataset",),
                name="campaign_one_open_per_dataset",
                condition=models.Q(state=CampaignState.OPEN),
            ),
            models.CheckConstraint(
                name="campaign_overlap_in_range",
                condition=models.Q(overlap__gte=1) & models.Q(overlap__lte=9),
            ),
            models.CheckConstraint(
                name="campaign_shares_in_range",
                condition=models.Q(gold_share__gte=0, gold_share__lte=0.5)
                & models.Q(repeat_share__gte=0, repeat_share__lte=0.5),
            ),
            models.CheckConstraint(
                name="campaign_strategy_known", condition=models.Q(strategy__in=Strategy.values)
            ),
            models.CheckConstraint(
                name="campaign_at_most_in_range",
                condition=models.Q(overlap_at_most__gte=1, overlap_at_most__lte=9),
            ),
            models.CheckConstraint(
                name="campaign_certainty_in_range",
                condition=models.Q(certainty__gte=0.5, certainty__lt=1),
            ),
            models.CheckConstraint(
                name="campaign_skips_in_range",
                condition=models.Q(skips_at_most__isnull=True)
                | models.Q(skips_at_most__gte=1, skips_at_most__lte=9),
            ),
            models.CheckConstraint(
                name="campaign_budgets_in_range",
                condition=(models.Q(daily_exposure__isnull=True) | models.Q(daily_exposure__gte=60))
                & (models.Q(daily_answers__isnull=True) | models.Q(daily_answers__gte=1))
                & (models.Q(most_items__isnull=True) | models.Q(most_items__gte=1))
                & models.Q(mild_after_severe__lte=10, cooldown_minutes__lte=240),
            ),
            models.CheckConstraint(
                name="campaign_consent_known",
                condition=models.Q(needs_consent__contained_by=list(KINDS)),
            ),
        )

    def __str__(self) -> str:
        return self.slug

    @property
    def widest(self) -> int:
        """How many people may judge an item."""
        if self.strategy == Strategy.SEQUENTIAL:
            return max(self.overlap, self.overlap_at_most)
        return self.overlap
