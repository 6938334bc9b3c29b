//! What keys do to the points one is about to give. Pure, so that it can be tried out here.

use crate::points::Points;

/// Half a point.
const STEP: Points = Points(50);

/// The text after `key` was pressed. The first digit replaces what is there; further ones extend it as long as that stays
/// possible.
pub fn press(text: &str, fresh: bool, key: char, most: Points) -> String {
    let key = if key == ',' { '.' } else { key };
    let extended = if fresh { String::new() } else { text.to_owned() } + &key.to_string();
    let fits = |text: &str| text.parse::<Points>().is_ok_and(|points| points <= most);
    let unfinished = extended.ends_with('.') && extended.matches('.').count() == 1;
    match key {
        _ if fits(&extended) || (unfinished && extended.len() > 1) => extended,
        '.' => "0.".to_owned(),
        digit if fits(&digit.to_string()) => digit.to_string(),
        _ => most.to_string(),
    }
}

/// Half a point more or less, within what is possible; from a text that is no number, from nothing.
pub fn step(text: &str, up: bool, most: Points) -> String {
    let now = text.parse::<Points>().unwrap_or_default();
    let next = if up { now + STEP } else { now - STEP };
    next.clamp(Points::ZERO, most).to_string()
}

/// Points, if they can be given for this question; the error is for the one who types.
pub fn check(text: &str, most: Points) -> Result<Points, String> {
    match text.parse::<Points>() {
        Ok(points) if points <= most => Ok(points),
        Ok(_) => Err(format!("At most {most} points can be given.")),
        Err(error) => Err(error.to_string()),
    }
}

/// Points to offer as buttons.
pub fn offers(most: Points) -> Vec<Points> {
    if most.0 % 100 == 0 && most <= Points(1000) {
        (0..=most.0 / 100).map(|whole| Points(whole * 100)).collect()
    } else {
        [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| most.share(share)).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_replace_then_extend() {
        let ten = Points(1000);
        assert_eq!(press("3", true, '7', ten), "7");
        assert_eq!(press("1", false, '0', ten), "10");
        assert_eq!(press("7", false, '5', ten), "5");
        assert_eq!(press("7", false, '.', ten), "7.");
        assert_eq!(press("7.", false, '5', ten), "7.5");
        assert_eq!(press("7.5", false, ',', ten), "0.");
        assert_eq!(press("", true, '9', Points(500)), "5");
    }

    #[test]
    fn steps_stay_within_the_points() {
        assert_eq!(step("2", true, Points(500)), "2.5");
        assert_eq!(step("0", false, Points(500)), "0");
        assert_eq!(step("5", true, Points(500)), "5");
        assert_eq!(step("", true, Points(500)), "0.5");
    }

    #[test]
    fn offers_end_with_everything() {
        assert_eq!(offers(Points(300)), [Points(0), Points(100), Points(200), Points(300)]);
        assert_eq!(offers(Points(2000)).last(), Some(&Points(2000)));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_can_be_given_or_finished(keys in "[0-9.,]{0,12}", most in 1..100_000i32) {
            let mut text = String::new();
            for key in keys.chars() {
                text = press(&text, false, key, Points(most));
                prop_assert!(check(text.trim_end_matches('.'), Points(most)).is_ok(), "{text}");
            }
        }
    }
}
