//! `command_status` values: SMPP 3.4 section 5.1.3, and those of SMPP 5.0 that 3.4 servers use as well.

macro_rules! statuses {
    ($($value:literal $name:ident $text:literal,)*) => {
        $(#[doc = $text] pub const $name: u32 = $value;)*

        /// The standard's name of a status; `None` for reserved and vendor values.
        #[must_use]
        pub const fn name(status: u32) -> Option<&'static str> {
            match status {
                $($value => Some(stringify!($name)),)*
                _ => None,
            }
        }

        /// Every named status, in ascending order.
        pub const ALL: &[u32] = &[$($value),*];
    };
}

/// A status for people: its name, or its number when it has none.
#[must_use]
pub fn describe(status: u32) -> String {
    name(status).map_or_else(|| format!("{status:#010x}"), |name| format!("{name} ({status:#06x})"))
}

statuses! {
    0x0000 ESME_ROK "No error.",
    0x0001 ESME_RINVMSGLEN "Message length is invalid.",
    0x0002 ESME_RINVCMDLEN "Command length is invalid.",
    0x0003 ESME_RINVCMDID "Invalid command id.",
    0x0004 ESME_RINVBNDSTS "Incorrect bind status for the command.",
    0x0005 ESME_RALYBND "Already bound.",
    0x0006 ESME_RINVPRTFLG "Invalid priority flag.",
    0x0007 ESME_RINVREGDLVFLG "Invalid registered delivery flag.",
    0x0008 ESME_RSYSERR "System error.",
    0x000A ESME_RINVSRCADR "Invalid source address.",
    0x000B ESME_RINVDSTADR "Invalid destination address.",
    0x000C ESME_RINVMSGID "Message id is invalid.",
    0x000D ESME_RBINDFAIL "Bind failed.",
    0x000E ESME_RINVPASWD "Invalid password.",
    0x000F ESME_RINVSYSID "Invalid system id.",
    0x0011 ESME_RCANCELFAIL "Cancel failed.",
    0x0013 ESME_RREPLACEFAIL "Replace failed.",
    0x0014 ESME_RMSGQFUL "Message queue full.",
    0x0015 ESME_RINVSERTYP "Invalid service type.",
    0x0033 ESME_RINVNUMDESTS "Invalid number of destinations.",
    0x0034 ESME_RINVDLNAME "Invalid distribution list name.",
    0x0040 ESME_RINVDESTFLAG "Invalid destination flag.",
    0x0042 ESME_RINVSUBREP "Submit with replace is not supported.",
    0x0043 ESME_RINVESMCLASS "Invalid esm_class.",
    0x0044 ESME_RCNTSUBDL "Cannot submit to distribution list.",
    0x0045 ESME_RSUBMITFAIL "Submit failed.",
    0x0048 ESME_RINVSRCTON "Invalid source type of number.",
    0x0049 ESME_RINVSRCNPI "Invalid source numbering plan.",
    0x0050 ESME_RINVDSTTON "Invalid destination type of number.",
    0x0051 ESME_RINVDSTNPI "Invalid destination numbering plan.",
    0x0053 ESME_RINVSYSTYP "Invalid system type.",
    0x0054 ESME_RINVREPFLAG "Invalid replace_if_present flag.",
    0x0055 ESME_RINVNUMMSGS "Invalid number of messages.",
    0x0058 ESME_RTHROTTLED "Throttling: over the allowed rate.",
    0x0061 ESME_RINVSCHED "Invalid scheduled delivery time.",
    0x0062 ESME_RINVEXPIRY "Invalid validity period.",
    0x0063 ESME_RINVDFTMSGID "Predefined message is invalid or not found.",
    0x0064 ESME_RX_T_APPN "Receiver's temporary application error.",
    0x0065 ESME_RX_P_APPN "Receiver's permanent application error.",
    0x0066 ESME_RX_R_APPN "Receiver rejects the message.",
    0x0067 ESME_RQUERYFAIL "Query failed.",
    0x00C0 ESME_RINVOPTPARSTREAM "Error in the optional part of the PDU.",
    0x00C1 ESME_ROPTPARNOTALLWD "Optional parameter not allowed.",
    0x00C2 ESME_RINVPARLEN "Invalid parameter length.",
    0x00C3 ESME_RMISSINGOPTPARAM "Expected optional parameter missing.",
    0x00C4 ESME_RINVOPTPARAMVAL "Invalid optional parameter value.",
    0x00FE ESME_RDELIVERYFAILURE "Delivery failure (data_sm).",
    0x00FF ESME_RUNKNOWNERR "Unknown error.",
    0x0100 ESME_RSERTYPUNAUTH "Not authorised to use the service type.",
    0x0101 ESME_RPROHIBITED "Prohibited from using the operation.",
    0x0102 ESME_RSERTYPUNAVAIL "Service type is unavailable.",
    0x0103 ESME_RSERTYPDENIED "Service type is denied.",
    0x0104 ESME_RINVDCS "Invalid data coding scheme.",
    0x0105 ESME_RINVSRCADDRSUBUNIT "Invalid source address subunit.",
    0x0106 ESME_RINVDSTADDRSUBUNIT "Invalid destination address subunit.",
}
