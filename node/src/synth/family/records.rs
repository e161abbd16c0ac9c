//! The records that make a family's story true, and no other.

use chrono::{Datelike, NaiveDate};
use tenfold_common::calendar::{Quarter, plus_months};

use super::{Assessed, Blank, Child, Event, InCare, Sessions, Spell, Term, Work};
use crate::{
    register::{AssessmentKind, CareKind, Days, IncidentKind},
    synth::{
        SynthPlan,
        dice::{Dice, minus, plus},
        story::{Ending, Joining, Story},
    },
};

/// What the making of a family's records has at hand.
pub(super) struct Making<'a> {
    pub(super) plan: &'a SynthPlan,
    pub(super) dice: &'a mut Dice,
    pub(super) story: Story,
    /// The day on which the assessment, plan and key worker are all there.
    pub(super) joined: NaiveDate,
    pub(super) assessed: NaiveDate,
    /// Which problems records show, besides or instead of a ticked need.
    pub(super) by_record: [bool; 6],
}

/// Which problems records show; the others are ticked needs only.
pub(super) fn by_record(dice: &mut Dice, story: &Story) -> [bool; 6] {
    let mut by_record = [0; 6].map(|_| dice.chance(0.6));
    // Health is in no extract. Bad terms must have been followed by three good ones before a result.
    by_record[5] = false;
    by_record[1] &= story.lag().is_none_or(|quarters| quarters >= 4);
    match story.ending {
        Ending::PoorAttendance => by_record[1] = true,
        Ending::Incidents => (by_record[0], by_record[4]) = (true, true),
        Ending::LookedAfter => by_record[2] = true,
        Ending::Benefit | Ending::Employment(_) => by_record[3] = true,
        _ => {}
    }
    // Of a family received from elsewhere nothing but the early-help record has come yet.
    if matches!(story.joining, Joining::Received(_)) {
        by_record = [false; 6];
    }
    let mut shown = [false; 6];
    for problem in &story.problems {
        let at = usize::from(*problem) - 1;
        shown[at] = by_record[at];
    }
    shown
}

impl Making<'_> {
    fn first_day(&self, quarter: usize) -> NaiveDate {
        self.plan.first_quarter.plus(quarter as i32).first_day()
    }

    fn last_day(&self, quarter: usize) -> NaiveDate {
        self.plan.first_quarter.plus(quarter as i32).last_day()
    }

    /// The quarter whose extracts first hold a record of a day.
    fn known(&self, day: NaiveDate) -> usize {
        let at = Quarter::of(day).quarters_since(self.plan.first_quarter);
        usize::try_from(at).unwrap_or(0).max(self.story.seen)
    }

    pub(super) fn assessment(
        &mut self,
        kind: AssessmentKind,
        started: NaiveDate,
        completed: NaiveDate,
        children: &[Child],
    ) -> Assessed {
        let missing = self.plan.shares.missing;
        let mut blank = || Blank {
            ward: self.dice.chance(missing),
            postcode: self.dice.chance(missing),
            upn: self.dice.chance(missing),
            nhs_number: self.dice.chance(missing),
            ni_number: self.dice.chance(missing),
        };
        let mut blanks: Vec<Blank> = children.iter().map(|_| blank()).collect();
        for (child, blank) in children.iter().zip(&mut blanks) {
            // A child that stands there twice is known by its numbers alone.
            if child.again.is_some() {
                (blank.upn, blank.nhs_number) = (false, false);
            }
        }
        Assessed {
            kind,
            started,
            completed,
            whole_family: Some(true),
            plan: None,
            key_worker: None,
            needs: vec![[None; 6]; children.len()],
            blank: blanks,
            by_second_carer: false,
        }
    }

    /// Ticks the needs of the first assessment: of each problem on one child at least, unless records show it.
    pub(super) fn tick_needs(&mut self, assessed: &mut Assessed) {
        for problem in 1..=6_u8 {
            let at = usize::from(problem) - 1;
            let present = self.story.has(problem);
            let ticked = present && (!self.by_record[at] || self.dice.chance(0.5));
            // A child that leaves school takes the need with it, so the one that stays has it in any case.
            let first = self.dice.below(assessed.needs.len()) * usize::from(problem != 2);
            for (child, needs) in assessed.needs.iter_mut().enumerate() {
                needs[at] = if ticked && (child == first || self.dice.chance(0.3)) {
                    Some(true)
                } else {
                    // Where only records show a problem, nobody has asked.
                    (!present && self.dice.chance(0.7)).then_some(false)
                };
            }
        }
    }

    pub(super) fn reviews(&mut self, children: &[Child], two_carers: bool) -> Vec<Assessed> {
        let Some(attached) = self.story.attached() else { return Vec::new() };
        let quarters = self.plan.quarters;
        let mut reviews = Vec::new();
        // A first look back soon after, when nothing is better yet.
        if attached + 1 < quarters
            && self.dice.chance(0.3)
            && !matches!(self.story.ending, Ending::MovedAway(_))
        {
            let day = plus(self.first_day(attached + 1), self.dice.between(2, 40));
            let mut review = self.assessment(AssessmentKind::Review, day, day, children);
            let (problem, child) = (*self.dice.pick(&self.story.problems), self.dice.below(children.len()));
            review.needs[child][usize::from(problem) - 1] = Some(true);
            reviews.push(review);
        }
        let at = match self.story.ending {
            Ending::Progress(at) | Ending::MovedAway(at) => Some(at),
            Ending::NoReview | Ending::Employment(_) => None,
            _ => Some(attached + 2 + self.dice.below(2)).filter(|at| *at < quarters),
        };
        let Some(at) = at else { return reviews };
        let from = plus(self.first_day(at), self.dice.between(3, 50));
        let day = match self.story.ending {
            Ending::MovedAway(_) => from.max(plus(self.joined, 1)).min(self.last_day(at)),
            _ => from.max(plus_months(self.joined, 6)).min(self.last_day(at)),
        };
        let started = minus(day, self.dice.between(0, 2));
        let mut review = self.assessment(AssessmentKind::Review, started, day, children);
        review.by_second_carer = two_carers && self.dice.chance(0.5);
        for problem in &self.story.problems {
            for needs in &mut review.needs {
                needs[usize::from(*problem) - 1] = Some(false);
            }
        }
        if self.story.ending == Ending::NeedRemains {
            // Attendance is judged by the sessions alone, so another need has to remain.
            let remaining = self.story.problems.iter().find(|problem| **problem != 2).copied().unwrap_or(1);
            for needs in &mut review.needs {
                needs[usize::from(remaining) - 1] = Some(true);
            }
        }
        reviews.push(review);
        reviews
    }

    pub(super) fn sessions(&mut self, children: &[Child]) -> Vec<Sessions> {
        if matches!(self.story.joining, Joining::Received(_)) {
            return Vec::new();
        }
        let terms = terms_of(self.plan);
        let first_seen = self.last_day(self.story.seen);
        let before = terms.iter().filter(|term| term.days.to <= first_seen).count();
        let improves = match (self.story.ending, self.story.attached()) {
            (Ending::PoorAttendance, _) | (_, None) => NaiveDate::MAX,
            (_, Some(attached)) => self.last_day(attached),
        };
        let mut sessions = Vec::new();
        for term in &terms[before.saturating_sub(3)..] {
            let known = self.known(term.days.to);
            for (at, child) in children.iter().enumerate() {
                let born = child.person.born;
                let started = plus_months(born, 5 * 12) <= term.days.from;
                if !started || plus_months(born, 16 * 12) <= term.days.to {
                    continue;
                }
                let possible = self.dice.between(58, 70) as u32 * 2;
                let poor = at == 0 && self.by_record[1] && term.days.to <= improves;
                let percent = if poor { self.dice.between(18, 32) } else { self.dice.between(1, 7) } as u32;
                let absent = possible * percent / 100;
                let ill = self.dice.below(absent as usize + 1) as u32;
                let excluded = if poor { self.dice.below(3) as u32 } else { 0 }.min(absent - ill);
                sessions.push(Sessions {
                    child: at,
                    term: term.clone(),
                    possible,
                    ill,
                    unauthorised: absent - ill - excluded,
                    excluded,
                    blank_upn: child.again.is_none() && self.dice.chance(self.plan.shares.missing),
                    known,
                });
            }
        }
        sessions
    }

    pub(super) fn incidents(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for (problem, kinds) in [
            (1, &[IncidentKind::Offence, IncidentKind::AntiSocialBehaviour][..]),
            (5, &[IncidentKind::DomesticAbuse][..]),
        ] {
            if !self.by_record[problem - 1] {
                continue;
            }
            for _ in 0..1 + self.dice.below(3) {
                let (kind, on) = (*self.dice.pick(kinds), minus(self.assessed, self.dice.between(31, 200)));
                events.push(Event { on, kind, known: self.known(on) });
            }
            if self.story.ending == Ending::Incidents {
                for quarter in self.story.attached().unwrap_or(self.story.seen)..self.plan.quarters {
                    // One a quarter, so that every window of six months has two.
                    let from = self.first_day(quarter).max(plus(self.joined, 1)).min(self.last_day(quarter));
                    let on = self.dice.day(from, self.last_day(quarter));
                    events.push(Event { on, kind: kinds[0], known: self.known(on) });
                }
            }
        }
        events.sort_by_key(|event| (event.on, event.kind as u8));
        events
    }

    /// The last day on which what stands against a result at a quarter may still last.
    fn clear_before(&self, result: usize) -> NaiveDate {
        self.last_day(result - 2)
    }

    pub(super) fn benefits_and_jobs(&mut self) -> (Vec<Spell>, Vec<Spell>) {
        if !self.by_record[3] {
            return (Vec::new(), Vec::new());
        }
        let began = minus(self.assessed, self.dice.between(100, 700));
        let after = plus(self.joined, 1);
        let (ended, job) = match self.story.ending {
            Ending::Progress(at) => {
                let ended = self.dice.day(after, self.clear_before(at));
                let late = plus(self.first_day(at - 1), self.dice.between(0, 60));
                (Some(ended), self.dice.chance(0.5).then_some(late))
            }
            Ending::Employment(at) => {
                // 26 weeks on the quarter's last day, and not yet on the last day of the one before.
                let earliest = minus(self.last_day(at - 1), 180).max(plus(after, 1));
                let job = self.dice.day(earliest, minus(self.last_day(at), 181));
                (job.pred_opt(), Some(job))
            }
            _ => (None, None),
        };
        let spell = |from, to, known| Spell { from, to, known };
        let known = self.known(began);
        let jobs = job.map(|from| spell(from, None, self.known(from)));
        (vec![spell(began, ended, known)], jobs.into_iter().collect())
    }

    pub(super) fn care(&mut self) -> Vec<InCare> {
        if !self.by_record[2] {
            return Vec::new();
        }
        let kind = match self.story.ending {
            Ending::LookedAfter => CareKind::LookedAfter,
            _ => *self.dice.pick(&[CareKind::InNeed, CareKind::InNeed, CareKind::ProtectionPlan]),
        };
        let from = minus(self.assessed, self.dice.between(40, 200));
        let to = match self.story.ending {
            Ending::Progress(at) => Some(self.dice.day(plus(self.joined, 1), self.clear_before(at))),
            _ => None,
        };
        vec![InCare { kind, spell: Spell { from, to, known: self.known(from) } }]
    }

    pub(super) fn episode(&mut self, opened: NaiveDate, reviewed: Option<NaiveDate>) -> Work {
        let closed = match self.story.ending {
            Ending::Progress(at) if self.dice.chance(0.7) => {
                let from = reviewed.unwrap_or(opened).max(self.first_day(at));
                Some((self.dice.day(from, self.last_day(at)), "Needs met"))
            }
            Ending::MovedAway(at) => {
                let from = reviewed.unwrap_or(opened).max(self.first_day(at)).max(plus(self.joined, 1));
                Some((self.dice.day(from.min(self.last_day(at)), self.last_day(at)), "Moved away"))
            }
            _ => None,
        };
        Work { opened, closed }
    }
}

/// The terms from two years before the first quarter's year that ended by the last quarter's end, in order.
fn terms_of(plan: &SynthPlan) -> Vec<Term> {
    let last = plan.first_quarter.plus(plan.quarters as i32 - 1).last_day();
    let first_year = plan.first_quarter.first_day().year() - 2;
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(last);
    (first_year..=last.year())
        .flat_map(|year| {
            [
                ("Spring", day(year, 1, 5), day(year, 3, 27)),
                ("Summer", day(year, 4, 13), day(year, 7, 22)),
                ("Autumn", day(year, 9, 3), day(year, 12, 18)),
            ]
            .map(|(name, from, to)| Term { name: format!("{name} {year}"), days: Days { from, to } })
        })
        .filter(|term| term.days.to <= last)
        .collect()
}
