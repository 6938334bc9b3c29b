//! Cursor paging: `?after=&limit=`.

use app::error::{AppError, AppResult};

/// The most that one answer lists.
const MOST: usize = 50;

/// Shortens a page to what was asked for; the cursor of the next page moves along.
pub fn limit<T, C>(
    rows: &mut Vec<T>,
    next: &mut Option<C>,
    asked: Option<usize>,
    cursor: impl Fn(&T) -> C,
) -> AppResult<()> {
    let Some(asked) = asked else { return Ok(()) };
    if !(1..=MOST).contains(&asked) {
        return Err(AppError::field(
            "limit",
            format!("The limit lies between 1 and {MOST}."),
        ));
    }
    if rows.len() > asked {
        rows.truncate(asked);
        *next = rows.last().map(cursor);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_page_goes_on_where_it_stopped() {
        let (mut rows, mut next) = (vec![1, 2, 3], None);
        limit(&mut rows, &mut next, Some(2), |row| *row).expect("a limit");
        assert_eq!((rows.as_slice(), next), ([1, 2].as_slice(), Some(2)));
        let (mut rows, mut next) = (vec![1, 2], Some(9));
        limit(&mut rows, &mut next, Some(5), |row| *row).expect("a limit");
        assert_eq!((rows.len(), next), (2, Some(9)));
        assert!(limit(&mut vec![1], &mut None, Some(0), |row| *row).is_err());
    }
}
