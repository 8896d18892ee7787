//! The shapes that are answered. The tests of the family hold every answer against them.

use super::schema::{Is, Member, Shape, nullable, shown};

const ID: Member = shown("Id", Is::Id);
const SERVICE: Member = shown("ServiceId", Is::Id);
const REQUEST: Member = shown("ServiceRequestId", Is::Id);
const USER: Member = shown("UserId", Is::Id);
const ORGANIZATION: Member = nullable("OrganizationId", Is::Id);
const ENGLISH: Member = shown("EnglishName", Is::Text);
const FRENCH: Member = shown("FrenchName", Is::Text);
const DISPLAY_ENGLISH: Member = shown("EnglishDisplayName", Is::Text);
const DISPLAY_FRENCH: Member = shown("FrenchDisplayName", Is::Text);
const FIRST: Member = shown("FirstName", Is::Text);
const LAST: Member = shown("LastName", Is::Text);
const PERMISSION: Member = shown("PermissionId", Is::Id);
const COUNT: Member = shown("Count", Is::Int);
const PAGE: Member = shown("Page", Is::Int);
const HAS_MORE: Member = shown("HasMore", Is::Flag);
const EXPIRY: Member = shown("ExpiryDateUtc", Is::Stamp);
const LOCATION: Member = nullable("LocationType", Is::Text);
const PRIMARY: Member = shown("IsPrimary", Is::Flag);

/// Everything but service requests and their parts.
pub(super) const ANSWERS: &[Shape] = &[
    (
        "Refused",
        &[
            shown("Message", Is::Text),
            shown("MtapiStatus", Is::Many("MtapiStatus")),
            shown("Detail", Is::One("Detail")),
        ],
    ),
    ("MtapiStatus", &[shown("Code", Is::Int), shown("Name", Is::Text), shown("Message", Is::Text)]),
    ("Detail", &[nullable("Field", Is::Text), shown("Rule", Is::Text), shown("Remedy", Is::Text)]),
    (
        "AccountRecovery",
        &[
            shown("AccountRecoveryId", Is::Id),
            nullable("RecoveryCode", Is::Text),
            EXPIRY,
            shown("AccountRecoveries", Is::Many("AccountRecoveryOfUser")),
        ],
    ),
    ("AccountRecoveryOfUser", &[shown("AccountRecoveryId", Is::Id), USER, FIRST, LAST]),
    ("Activity", &[ID, ENGLISH, FRENCH]),
    ("Application", &[ID, shown("Name", Is::Text), ENGLISH, FRENCH, shown("Services", Is::Many("Service"))]),
    (
        "AppliedPermissions",
        &[USER, SERVICE, ORGANIZATION, shown("Permissions", Is::Many("AppliedPermission"))],
    ),
    ("AppliedPermission", &[PERMISSION, ENGLISH, FRENCH, shown("IsSelected", Is::Flag)]),
    ("BusinessSystem", &[SERVICE, shown("BusinessSystemType", Is::Text), shown("SourceReference", Is::Text)]),
    (
        "Country",
        &[
            shown("Code", Is::Text),
            shown("Alpha3Code", Is::Text),
            shown("NumericCode", Is::Int),
            ENGLISH,
            FRENCH,
        ],
    ),
    ("Subdivision", &[shown("Code", Is::Text), shown("CountryCode", Is::Text), ENGLISH, FRENCH]),
    (
        "EmailNotificationTemplate",
        &[
            shown("Name", Is::Text),
            nullable("ServiceName", Is::Text),
            shown("BodyTextEnglish", Is::Texts),
            shown("BodyTextFrench", Is::Texts),
            shown("HasBodyParameters", Is::Flag),
            shown("SubjectTextEnglish", Is::Text),
            shown("SubjectTextFrench", Is::Text),
            shown("HasSubjectParameters", Is::Flag),
            shown("IsDeleted", Is::Flag),
        ],
    ),
    (
        "Enrollment",
        &[
            ID,
            USER,
            SERVICE,
            ORGANIZATION,
            shown("State", Is::Text),
            shown("IsActive", Is::Flag),
            shown("IsSelfEnrolled", Is::Flag),
            shown("HasEnrollmentKey", Is::Flag),
            nullable("DeactivationDate", Is::Stamp),
        ],
    ),
    ("Feedback", &[ID, SERVICE, shown("Rating", Is::Int), nullable("Comment", Is::Text)]),
    ("HeldPermission", &[PERMISSION, ENGLISH, FRENCH, SERVICE, ORGANIZATION]),
    ("Permission", &[PERMISSION, ENGLISH, FRENCH]),
    ("PermissionGroup", &[ENGLISH, FRENCH, shown("Permissions", Is::Many("Permission"))]),
    (
        "ServicePermission",
        &[
            PERMISSION,
            shown("PermissionAbbrLbl", Is::Text),
            shown("PermissionEnm", Is::Text),
            shown("PermissionFnm", Is::Text),
            SERVICE,
            shown("EnglishComment", Is::Text),
            shown("FrenchComment", Is::Text),
        ],
    ),
    (
        "InviteInitiationContext",
        &[
            REQUEST,
            nullable("InvitationCode", Is::Text),
            SERVICE,
            ORGANIZATION,
            shown("Email", Is::Text),
            shown("IsEnglish", Is::Flag),
            nullable("ReturnUrl", Is::Text),
            EXPIRY,
        ],
    ),
    (
        "Invite",
        &[
            REQUEST,
            USER,
            SERVICE,
            ORGANIZATION,
            shown("Email", Is::Text),
            shown("IsEnglish", Is::Flag),
            nullable("ReturnUrl", Is::Text),
            shown("Status", Is::Text),
            EXPIRY,
        ],
    ),
    (
        "MetadataStructure",
        &[
            ID,
            SERVICE,
            shown("VersionNumber", Is::Text),
            shown("MetadataStructureColumns", Is::Many("MetadataStructureColumn")),
        ],
    ),
    (
        "MetadataStructureColumn",
        &[
            shown("ColumnName", Is::Text),
            shown("DataType", Is::Text),
            shown("KeyName", Is::Text),
            shown("KeyNameEng", Is::Text),
            shown("KeyNameFra", Is::Text),
            shown("IsSearchable", Is::Flag),
        ],
    ),
    ("NoticeType", &[ID, shown("Name", Is::Text), ENGLISH, FRENCH]),
    (
        "StoredNotice",
        &[
            ID,
            shown("NoticeType", Is::Text),
            shown("Services", Is::Ids),
            nullable("EnglishHeaderText", Is::Text),
            nullable("FrenchHeaderText", Is::Text),
            nullable("EnglishBodyText", Is::Text),
            nullable("FrenchBodyText", Is::Text),
            shown("DisplayDate", Is::Stamp),
            shown("StartDate", Is::Stamp),
            shown("EndDate", Is::Stamp),
        ],
    ),
    (
        "Organization",
        &[
            ID,
            nullable("SourceId", Is::Int),
            nullable("SourceReference", Is::Text),
            shown("BusinessSystemType", Is::Text),
            ENGLISH,
            FRENCH,
            nullable("OrganizationType", Is::Text),
            nullable("BusinessNumber", Is::Text),
            shown("Phones", Is::Many("StoredPhone")),
            shown("Emails", Is::Many("StoredEmail")),
            shown("Addresses", Is::Many("StoredAddress")),
        ],
    ),
    (
        "StoredPhone",
        &[
            ID,
            LOCATION,
            PRIMARY,
            nullable("LocalNumber", Is::Text),
            nullable("AreaCode", Is::Text),
            nullable("CountryCode", Is::Text),
            nullable("ExtensionNumber", Is::Text),
            nullable("InternationalAccessNumber", Is::Text),
            nullable("InternationalNumber", Is::Text),
            nullable("PhoneType", Is::Text),
            nullable("DisplayPhoneNumber", Is::Text),
        ],
    ),
    ("StoredEmail", &[ID, LOCATION, PRIMARY, shown("EmailAddress", Is::Text)]),
    (
        "StoredAddress",
        &[
            ID,
            LOCATION,
            PRIMARY,
            nullable("CoordinateType", Is::Text),
            nullable("SubAddressType", Is::Text),
            nullable("FloorSectionNumber", Is::Text),
            nullable("SuiteApartmentNumber", Is::Text),
            nullable("StreetCivicNumber", Is::Text),
            nullable("StreetName", Is::Text),
            nullable("PostalZipCode", Is::Text),
            nullable("BuildingName", Is::Text),
            nullable("StreetDirection", Is::Text),
            nullable("StreetType", Is::Text),
            nullable("CountrySubdivisionCode", Is::Text),
            nullable("DeliveryInstallationArea", Is::Text),
            nullable("DeliveryInstallQualifier", Is::Text),
            nullable("GenDeliveryCategory", Is::Text),
            nullable("RouteServiceType", Is::Text),
            nullable("BoxNumber", Is::Text),
            nullable("RouteServiceNumber", Is::Text),
            nullable("UnregisteredCityTownName", Is::Text),
            nullable("DeliveryDirective", Is::Text),
            nullable("GeneratedStreetAddress", Is::Text),
            nullable("CityTown", Is::Text),
            nullable("CityTownName", Is::Text),
            nullable("CountryCode", Is::Int),
        ],
    ),
    ("PortalCapability", &[shown("Key", Is::Text), shown("Name", Is::Text)]),
    (
        "RegulatedEntityType",
        &[
            shown("RegulatedEntityTypeCode", Is::Text),
            shown("RegulatedEntityIdTypeCode", Is::Text),
            DISPLAY_ENGLISH,
            DISPLAY_FRENCH,
            shown("SortOrder", Is::Int),
        ],
    ),
    (
        "Service",
        &[
            ID,
            shown("ShortName", Is::Text),
            ENGLISH,
            FRENCH,
            nullable("ServiceGroupId", Is::Id),
            shown("BaseUrl", Is::Text),
            shown("IsVisible", Is::Flag),
            shown("IsSelfEnrolment", Is::Flag),
        ],
    ),
    ("StoredSetting", &[shown("Key", Is::Text), SERVICE, shown("Value", Is::Text)]),
    (
        "StoredPreference",
        &[
            shown("Key", Is::Text),
            SERVICE,
            nullable("EnglishDescription", Is::Text),
            nullable("FrenchDescription", Is::Text),
            nullable("SettingType", Is::Text),
            nullable("Value", Is::Text),
        ],
    ),
    (
        "ServiceArtifactInfo",
        &[
            ID,
            SERVICE,
            shown("Alias", Is::Text),
            shown("Version", Is::Text),
            shown("DateUpdatedUtc", Is::Stamp),
        ],
    ),
    (
        "User",
        &[
            ID,
            shown("UserType", Is::Text),
            FIRST,
            LAST,
            nullable("GCKey", Is::One("StoredGCKey")),
            nullable("WindowsUserName", Is::Text),
            shown("Verified", Is::Flag),
            nullable("PKI", Is::Text),
            shown("AuthenticationType", Is::Text),
            shown("Phones", Is::Many("StoredPhone")),
            shown("Emails", Is::Many("StoredEmail")),
            shown("Addresses", Is::Many("StoredAddress")),
        ],
    ),
    ("StoredGCKey", &[shown("MBUN", Is::Text), nullable("Issuer", Is::Text)]),
    ("UserCollection", &[shown("Users", Is::Many("User")), COUNT, PAGE, HAS_MORE]),
    (
        "UserApplicationManagement",
        &[
            ID,
            ENGLISH,
            FRENCH,
            shown("ManageInternalAccountInd", Is::Flag),
            shown("EnglishAcronym", Is::Text),
            shown("FrenchAcronym", Is::Text),
            shown("EnglishDescription", Is::Text),
            shown("FrenchDescription", Is::Text),
            shown("Roles", Is::Many("UserApplicationRole")),
        ],
    ),
    (
        "UserApplicationRole",
        &[shown("RoleId", Is::Id), ENGLISH, FRENCH, shown("Permissions", Is::Many("Permission"))],
    ),
    ("UserApplicationInfoResult", &[shown("Users", Is::Many("UserApplicationInfo")), COUNT, PAGE, HAS_MORE]),
    (
        "UserApplicationInfo",
        &[
            USER,
            FIRST,
            LAST,
            nullable("EmailAddress", Is::Text),
            nullable("WindowsUserName", Is::Text),
            shown("Services", Is::Many("UserApplicationService")),
        ],
    ),
    ("UserApplicationService", &[SERVICE, shown("RoleId", Is::Id), shown("IsActive", Is::Flag)]),
];
