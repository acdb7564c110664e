//! What a target does wrong.

use crate::apply::Cancel;

/// What the target does wrong.
#[derive(Clone, Debug)]
pub(super) enum Twist {
    /// The n-th write (from 0) is done, and its answer lost.
    CutAfter(usize),
    /// The n-th write is lost on its way, which nobody can know.
    CutBefore(usize),
    /// From the n-th write on, the token is expired.
    ExpiresAt(usize),
    /// From the n-th write on, nobody answers.
    DownAt(usize),
    /// The n-th write fails with this status.
    Fails(usize, u16),
    /// Writes answer 204.
    Terse,
    /// This attribute keeps the value it has, though the answer shows the wanted one not.
    Ignores(&'static str),
    /// This attribute is dropped, and the answer shows it all the same.
    Lies(&'static str),
    /// This attribute of the resource of this id is dropped, and the answer shows it all the same.
    LiesAbout(&'static str, &'static str),
    /// The element with this value never leaves this list.
    Keeps(&'static str, &'static str),
    /// This attribute is stored in capitals.
    Shouts(&'static str),
    /// A change that names this member is refused as a whole.
    Rejects(String),
    /// Adding who is there, or removing who is not, is an error.
    Strict,
    /// Who is set inactive is gone.
    Vanishes,
    /// The first n reads after a write show what was before.
    Late(usize),
    /// PUT clears what it does not hold.
    Forgets,
    /// Filters find nothing.
    Blind,
    /// Filters by this attribute are answered with this status.
    Deaf(&'static str, u16),
    /// A removal of members takes all of them out.
    Clears,
    /// Adding members replaces those that are there.
    AddReplaces,
    /// Of several removals in one request each takes the next member along.
    Shifts,
    /// Members are shown nowhere, and found by filters.
    Hides,
    /// Members are shown nowhere and by nothing.
    Secret,
    /// An update that leaves this attribute out drops it.
    Drops(&'static str),
    /// An update drops this attribute, also where it is sent.
    Loses(&'static str),
    /// This attribute gets a value that has nothing to do with what is sent.
    Replaces(&'static str),
    /// An update takes access away.
    SwitchesOff,
    /// A POST is answered with the resource of this id, as it was.
    Links(&'static str),
    /// What a POST makes of this attribute is nothing.
    Starts(&'static str),
    /// Every `If-Match` is answered 412.
    RefusesEtags,
    /// The first DELETE is answered 412.
    Hesitates,
    /// DELETE takes access away and leaves the resource.
    Softly,
    /// A read by id shows this attribute not.
    HidesById(&'static str),
    /// This element is put into this list by every write.
    Adds(&'static str, &'static str),
    /// PUT and PATCH are answered with this status.
    Without(&'static str, u16),
    /// Cancels the run at the n-th write.
    Cancels(usize, Cancel),
}
