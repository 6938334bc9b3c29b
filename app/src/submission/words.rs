//! Dates and rules of an assignment in words for students.

use crate::assignment::model::Phase;
use crate::submission::model::Terms;
use crate::time::{Moment, Timestamp};

/// `Wed 10 June, 14:14 (UTC+02:00)`
pub fn deadline(at: Moment) -> String {
    format!("{} ({})", at.day_time(), at.zone())
}

/// The due date as one says it in a list: `Due in 3 hours`, `Was due 2 days ago`, `No due date`.
pub fn due(terms: &Terms) -> String {
    match terms.due {
        None => "No due date".into(),
        Some(due) if due.at.0 - terms.now.at.0 > 0 => format!("Due {}", due.relative(terms.now.at)),
        Some(due) => format!("Was due {}", due.relative(terms.now.at)),
    }
}

/// What lateness costs, as a full sentence.
pub fn late_rule(terms: &Terms) -> String {
    let (Some(due), Some(ends)) = (terms.due, terms.ends) else {
        return match terms.ends {
            Some(ends) => format!("Answers are taken until {}.", deadline(ends)),
            None => "There is no due date; answer when you are ready.".into(),
        };
    };
    if ends.at <= due.at {
        return "Nothing is taken after the due date.".into();
    }
    match terms.late_percent_per_day {
        0 => format!("Late answers are taken without a deduction until {}.", deadline(ends)),
        percent => format!(
            "Each day begun after the due date costs {percent} % of the points. Nothing is taken after {}.",
            deadline(ends)
        ),
    }
}

/// What matters about the time right now, if anything does: the last day, lateness, the end.
pub fn pressing(terms: &Terms) -> Option<String> {
    let left = |at: Moment| at.at.0 - terms.now.at.0;
    match terms.phase {
        Phase::Open => terms
            .due
            .filter(|due| left(*due) < Timestamp::DAY)
            .map(|due| format!("Due {}: {}.", due.relative(terms.now.at), deadline(due))),
        Phase::Late => {
            let cost = match terms.late_percent_now {
                0 => "without a deduction".to_owned(),
                percent => format!("with {percent} % less"),
            };
            let until = terms
                .ends
                .map_or_else(String::new, |ends| format!(", until {}", deadline(ends)));
            Some(format!(
                "The due date has passed. Your answers are still taken {cost}{until}."
            ))
        }
        Phase::Closed => Some("This assignment is closed and takes no more answers.".into()),
        Phase::Draft | Phase::Published => None,
    }
}

/// `3 of 5 answered`
pub fn progress(answered: u32, questions: u32) -> String {
    format!("{answered} of {questions} answered")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_781_093_640_000_000);

    fn terms(due_in: Option<i64>, ends_in: Option<i64>, percent: i32) -> Terms {
        let moment = |hours: i64| Moment {
            at: NOW.plus(hours * Timestamp::HOUR),
            offset_minutes: 120,
        };
        let phase = if due_in.is_some_and(|hours| hours <= 0) {
            Phase::Late
        } else {
            Phase::Open
        };
        Terms {
            phase,
            due: due_in.map(moment),
            ends: ends_in.map(moment),
            late_percent_per_day: percent,
            late_percent_now: if phase == Phase::Late { percent } else { 0 },
            now: moment(0),
        }
    }

    #[test]
    fn the_late_rule_is_a_sentence() {
        assert_eq!(
            late_rule(&terms(Some(3), Some(3), 10)),
            "Nothing is taken after the due date."
        );
        assert_eq!(
            late_rule(&terms(Some(0), Some(24), 10)),
            "Each day begun after the due date costs 10 % of the points. Nothing is taken after Thu 11 June, 14:14 (UTC+02:00)."
        );
        assert_eq!(
            late_rule(&terms(None, None, 0)),
            "There is no due date; answer when you are ready."
        );
    }

    #[test]
    fn time_is_only_mentioned_when_it_matters() {
        assert_eq!(pressing(&terms(Some(48), Some(48), 0)), None);
        assert_eq!(
            pressing(&terms(Some(3), Some(3), 0)),
            Some("Due in 3 hours: Wed 10 June, 17:14 (UTC+02:00).".into())
        );
        let late = pressing(&terms(Some(-1), Some(24), 10)).expect("late matters");
        assert!(late.contains("with 10 % less, until Thu 11 June"), "{late}");
    }

    #[test]
    fn due_dates_in_lists() {
        assert_eq!(due(&terms(Some(3), None, 0)), "Due in 3 hours");
        assert_eq!(due(&terms(Some(-2), None, 0)), "Was due 2 hours ago");
        assert_eq!(due(&terms(None, None, 0)), "No due date");
    }
}
