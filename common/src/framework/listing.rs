//! Every rule of a framework in a sentence, with its place and its source.

use super::{Comparison, Counted, Criterion, Framework, Problem, Provenance, Window};

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Where it stands.
    pub place: String,
    /// What it says.
    pub says: String,
    /// Where it comes from.
    pub provenance: &'a Provenance,
}

impl Framework {
    /// Every rule, in the order of the document.
    pub fn rules(&self) -> Vec<Rule<'_>> {
        let mut all: Vec<Rule<'_>> = Vec::new();
        let mut add = |place: &str, says: String, provenance| {
            all.push(Rule { place: place.to_owned(), says, provenance });
        };
        let valid = &self.valid;
        add("valid", format!("from {} to {}", valid.from, valid.to), &valid.provenance);
        let eligibility = &self.eligibility;
        let what = match eligibility.counted {
            Counted::Problems => "problems",
            Counted::Needs => "needs",
        };
        add(
            "eligibility",
            format!("at least {} {what}", eligibility.problems_at_least),
            &eligibility.provenance,
        );
        if let Some(child) = &eligibility.dependent_child {
            let expected = if child.expectant { ", or expected" } else { "" };
            let (under, student) = (child.under, child.student_under);
            let says = format!("under {under}, or under {student} and at school or assessed{expected}");
            add("eligibility, dependent child", says, &child.provenance);
        }
        let attachment = &self.attachment;
        let asked = [
            (attachment.whole_family_assessment, "whole-family assessment"),
            (attachment.plan, "plan"),
            (attachment.key_worker, "key worker"),
            (attachment.work_begun, "work begun"),
        ];
        let asked: Vec<&str> = asked.iter().filter(|(asked, _)| *asked).map(|(_, words)| *words).collect();
        add("attachment", asked.join(", "), &attachment.provenance);
        let kinds: Vec<&str> = self.results.kinds.iter().map(|kind| kind.as_str()).collect();
        let mut says = format!("{}; none after {}", kinds.join(" or "), self.results.never_after.join(", "));
        if !self.results.progress_on.is_empty() {
            says += &format!("; progress on problems {:?}", self.results.progress_on);
        }
        add("results", says, &self.results.provenance);
        self.add_attendance(&mut add);
        if let Some(job) = &self.employment {
            let says = format!(
                "{} of the last {} weeks, after a benefit of the {} months before joining",
                job.weeks, job.of_last_weeks, job.benefit_within_months
            );
            add("employment", says, &job.provenance);
        }
        add(
            "freshness",
            format!("a source's last day at most {} days ago", self.freshness.within_days),
            &self.freshness.provenance,
        );
        self.add_money(&mut add);
        let audit = &self.audit;
        add(
            "audit",
            format!("{} per cent of lines, {} at least", audit.share_percent, audit.at_least),
            &audit.provenance,
        );
        self.problems.iter().for_each(|problem| add_problem(problem, &mut add));
        all
    }

    fn add_attendance<'a>(&'a self, add: &mut impl FnMut(&str, String, &'a Provenance)) {
        let attendance = &self.attendance;
        let kinds: Vec<&str> = attendance.asked_of.iter().map(|kind| kind.as_str()).collect();
        let says = match (attendance.terms, kinds.is_empty()) {
            (Some(terms), false) => format!("over {terms} consecutive terms, for {}", kinds.join(" and ")),
            (Some(terms), true) => format!("over {terms} consecutive terms, asked of no claim"),
            (None, _) => "asked of no claim".to_owned(),
        };
        let counted =
            if attendance.unauthorised_only { "; absence with leave counts as attended" } else { "" };
        add("attendance", format!("{says}{counted}"), &attendance.provenance);
        let age = &attendance.school_age;
        add("attendance, school age", format!("from {} and under {}", age.from, age.under), &age.provenance);
        if let Some(calendar) = &attendance.calendar {
            add(
                "attendance, calendar",
                format!("{} terms dated", calendar.terms.len()),
                &calendar.provenance,
            );
        }
        for floor in &attendance.floors {
            let says = format!("above {} per cent", floor.percent);
            add(&format!("attendance, floor from {}", floor.from), says, &floor.provenance);
        }
    }

    fn add_money<'a>(&'a self, add: &mut impl FnMut(&str, String, &'a Provenance)) {
        for money in &self.money {
            let mut says = format!(
                "{} attached, {} a result",
                pounds(money.attachment_pence),
                pounds(money.result_pence)
            );
            if let Some(employment) = money.employment_pence {
                says += &format!(", {} by employment", pounds(employment));
            }
            let share = money.families_paid;
            if share.paid < share.of {
                says += &format!(", for {} of {} families", share.paid, share.of);
            }
            add(&format!("money from {}", money.from), says, &money.provenance);
        }
        for addition in &self.additions {
            let says = format!("{} beside {}", pounds(addition.pence), addition.beside.as_str());
            add(&format!("addition, {}", addition.name), says, &addition.provenance);
        }
        if let Some(windows) = &self.claim_windows {
            add(
                "claim windows",
                format!("closing in months {:?}", windows.closing_months),
                &windows.provenance,
            );
        }
    }

    /// Every rule that nobody has read in its source or confirmed yet, as place and source.
    pub fn unconfirmed(&self) -> Vec<(String, &str)> {
        let open = self.rules().into_iter().filter(|rule| !rule.provenance.confirmed);
        open.map(|rule| (rule.place, rule.provenance.source.as_str())).collect()
    }
}

fn add_problem<'a>(problem: &'a Problem, add: &mut impl FnMut(&str, String, &'a Provenance)) {
    let place = format!("problem {}", problem.number);
    let slot = if problem.left_to_plan { " (left to the outcomes plan)" } else { "" };
    add(&place, format!("{}{slot}", problem.label), &problem.provenance);
    for sign in &problem.signs {
        let when =
            sign.within_months.map(|months| format!(" in the {months} months before joining or since"));
        let says = format!("shown by {}{}", sign.indicator.words(), when.unwrap_or_default());
        add(&format!("{place}, sign {}", sign.indicator.as_str()), says, &sign.provenance);
    }
    for criterion in &problem.progress {
        let says = criterion.words();
        add(&format!("{place}, progress {}", criterion.indicator.as_str()), says, &criterion.provenance);
    }
}

impl Criterion {
    /// What it asks for, as the beginning of a sentence.
    pub fn words(&self) -> String {
        let window = match self.window {
            Window::Months(1) => "1 month".to_owned(),
            Window::Months(months) => format!("{months} months"),
            Window::Terms(terms) => format!("{terms} consecutive terms"),
        };
        let (what, threshold) = (self.indicator.words(), self.threshold.unwrap_or_default());
        match self.comparison {
            Comparison::NoneInWindow => format!("none of {what} for {window}"),
            Comparison::AbsentAtReview => format!("a review after {window} that finds the need gone"),
            Comparison::AboveFloor => format!("{what} above the floor for {window}"),
            Comparison::ReducedBy => {
                format!("{what} down by {threshold} per cent over {window} against those before")
            }
            Comparison::FewerThan => format!("fewer than {threshold} {what} in {window}"),
        }
    }
}

fn pounds(pence: u64) -> String {
    format!("£{}.{:02}", pence / 100, pence % 100)
}
