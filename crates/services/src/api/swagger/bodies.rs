//! The shapes that are read (spec 4.2, 4.3, 4.5), under their published names. Reading is more tolerant than this: names in
//! any case, numbers and truth values as texts.

use super::schema::{Is, Member, Shape, may, must};
use crate::records::user::UserType;
use crate::rules::RequestStatus;
use crate::wire::organization::BUSINESS_SYSTEMS;

const TEXT: Is = Is::Chars(4_000);
const NAME: Is = Is::Chars(400);
const SHORT: Is = Is::Chars(200);
const STATUS: Is = Is::Word(RequestStatus::WORDS);

const USER: Member = must("UserId", Is::Id);
const SERVICE: Member = must("ServiceId", Is::Id);
const ORGANIZATION: Member = may("OrganizationId", Is::IdOrNone);
const PAGE: Member = may("Page", Is::Int);
const PAGE_SIZE: Member = may("PageSize", Is::Int);
const LOCATION: Member = may("LocationType", NAME);
const PRIMARY: Member = may("IsPrimary", Is::Flag);
const PHONES: Member = may("Phones", Is::Many("Phone"));
const EMAILS: Member = may("Emails", Is::Many("Email"));
const ADDRESSES: Member = may("Addresses", Is::Many("Address"));

const NOTICE: &[Member] = &[
    may("Id", Is::IdOrNone),
    may("NoticeType", SHORT),
    must("Services", Is::Ids),
    may("EnglishHeaderText", TEXT),
    may("FrenchHeaderText", TEXT),
    may("EnglishBodyText", TEXT),
    may("FrenchBodyText", TEXT),
    may("DisplayDate", Is::Date),
    must("StartDate", Is::Date),
    must("EndDate", Is::Date),
];

/// The shapes.
pub(super) const BODIES: &[Shape] = &[
    ("AddUserApplicationService", &[SERVICE, must("RoleId", Is::Id)]),
    (
        "ApiKeyValidationContext",
        &[
            must("ApiKey", TEXT),
            must("JwtToken", TEXT),
            may("ServiceId", Is::IdOrNone),
            may("SystemId", Is::IdOrNone),
        ],
    ),
    (
        "AppliedUserServicePermissionDTO",
        &[USER, SERVICE, ORGANIZATION, may("Permissions", Is::Many("SelectedPermission"))],
    ),
    ("SelectedPermission", &[must("PermissionId", Is::Id), may("IsSelected", Is::Flag)]),
    (
        "AuthenticationContext",
        &[may("Type", SHORT), may("GCKey", Is::One("GCKey")), may("WindowsUserName", SHORT)],
    ),
    ("GCKey", &[may("MBUN", SHORT), may("Issuer", SHORT)]),
    (
        "BaseServiceRequest",
        &[
            must("Id", Is::Id),
            may("Guid", TEXT),
            may("UserId", Is::IdOrNone),
            may("ServiceId", Is::IdOrNone),
            ORGANIZATION,
            may("RequestStatus", STATUS),
            may("EnglishDisplayName", TEXT),
            may("FrenchDisplayName", TEXT),
            may("MetadataStructureId", Is::IdOrNone),
            may("ServiceAttributeId", Is::IdOrNone),
            may("Comment", TEXT),
            may("RequesterId", Is::IdOrNone),
            may("RequesterOrganizationId", Is::IdOrNone),
            may("MailCoordinateId", Is::IdOrNone),
            may("PlaceOfSupply", TEXT),
            may("ServiceStandardId", Is::IdOrNone),
        ],
    ),
    (
        "ServiceRequestCreationDTO",
        &[
            USER,
            SERVICE,
            ORGANIZATION,
            may("Status", STATUS),
            must("EnglishDisplayName", TEXT),
            must("FrenchDisplayName", TEXT),
            may("MetadataStructureId", Is::IdOrNone),
            may("ServiceAttributeId", Is::IdOrNone),
            may("ServiceFeeId", Is::IdOrNone),
            may("Comment", TEXT),
            may("RequesterId", Is::IdOrNone),
            may("RequesterOrganizationId", Is::IdOrNone),
            may("MailCoordinateId", Is::IdOrNone),
            may("PlaceOfSupply", TEXT),
            may("ServiceStandardId", Is::IdOrNone),
            may("Guid", TEXT),
        ],
    ),
    (
        "ServiceRequestQuery",
        &[
            may("UserId", Is::IdOrNone),
            may("ServiceId", Is::IdOrNone),
            ORGANIZATION,
            may("Services", TEXT),
            may("ServiceRequests", TEXT),
            may("Assignees", TEXT),
            may("ExcludeMetadata", Is::Flag),
            may("IncludeRegulatedEntities", Is::Flag),
            may("IncludeStatusHistory", Is::Flag),
            PAGE,
            PAGE_SIZE,
            may("Filter", TEXT),
            may("Version", Is::Int),
        ],
    ),
    (
        "ServiceRequestSearchMetadataDTO",
        &[
            SERVICE,
            must("SearchValue", TEXT),
            may("StructureColumnKeyName", TEXT),
            may("SearchOption", TEXT),
            may("UserId", Is::IdOrNone),
            ORGANIZATION,
            PAGE,
            PAGE_SIZE,
        ],
    ),
    ("StatusHistoryEntryUpdate", &[must("Date", Is::Date), may("ServiceStandardId", Is::IdOrNone)]),
    ("UserAssignmentDTO", &[must("UserIds", Is::Ids), may("AssignedByUserId", Is::IdOrNone)]),
    (
        "RegulatedEntity",
        &[
            must("RegulatedEntityTypeCode", TEXT),
            must("RegulatedEntityIdTypeCode", TEXT),
            must("Value", TEXT),
        ],
    ),
    (
        "EmailNotificationTemplateDto",
        &[
            must("Name", SHORT),
            may("ServiceName", SHORT),
            must("BodyTextEnglish", Is::Texts),
            must("BodyTextFrench", Is::Texts),
            may("HasBodyParameters", Is::Flag),
            must("SubjectTextEnglish", Is::Chars(500)),
            must("SubjectTextFrench", Is::Chars(500)),
            may("HasSubjectParameters", Is::Flag),
        ],
    ),
    (
        "EmailNotificationDTO",
        &[
            must("NotificationTemplateName", SHORT),
            may("ServiceRequestId", Is::Id),
            may("UserId", Is::Id),
            may("UserName", SHORT),
            may("Language", SHORT),
            may("From", NAME),
            may("To", Is::Chars(16_000)),
            may("IsHtml", Is::Flag),
            may("Attachements", Is::Many("EmailAttachment")),
            may("Attachments", Is::Many("EmailAttachment")),
            may("Parameters", Is::Many("EmailParameter")),
        ],
    ),
    (
        "EmailAttachment",
        &[must("Name", SHORT), may("Type", SHORT), must("AttachmentBytes", Is::Text), may("Sream", Is::Any)],
    ),
    ("EmailParameter", &[must("Key", NAME), may("Value", Is::Chars(20_000))]),
    (
        "EmailVerificationDTO",
        &[USER, must("Url", Is::Text), must("ConfirmationCode", SHORT), may("IsEnglish", Is::Flag)],
    ),
    ("FeedbackDTO", &[SERVICE, must("Rating", Is::Int), may("Comment", TEXT)]),
    (
        "InvoiceDTO",
        &[
            must("ServiceRequestId", Is::Id),
            must("Number", Is::Chars(100)),
            may("PaymentReferenceNumber", Is::Chars(100)),
            must("Amount", Is::Number),
            may("Date", Is::Date),
        ],
    ),
    (
        "Invoice",
        &[
            must("Id", Is::Id),
            may("ServiceRequestId", Is::IdOrNone),
            may("Number", Is::Chars(100)),
            may("PaymentReferenceNumber", Is::Chars(100)),
            may("Amount", Is::Number),
            may("Date", Is::Date),
        ],
    ),
    (
        "MetadataStructureDTO",
        &[SERVICE, must("VersionNumber", TEXT), must("MetadataStructureColumns", Is::Many("MetadataColumn"))],
    ),
    (
        "MetadataColumn",
        &[
            must("KeyName", TEXT),
            may("ColumnName", TEXT),
            may("DataType", TEXT),
            may("KeyNameEng", TEXT),
            may("KeyNameFra", TEXT),
            may("IsSearchable", Is::Flag),
        ],
    ),
    ("Notice", NOTICE),
    ("OutageNotice", NOTICE),
    ("OutageNoticeDTO", NOTICE),
    (
        "OrganizationDTO",
        &[
            may("Id", Is::IdOrNone),
            may("SourceId", Is::Int),
            may("SourceReference", NAME),
            may("BusinessSystemType", Is::Word(BUSINESS_SYSTEMS)),
            may("EnglishName", NAME),
            may("FrenchName", NAME),
            may("OrganizationType", NAME),
            may("BusinessNumber", NAME),
            PHONES,
            EMAILS,
            ADDRESSES,
        ],
    ),
    (
        "UserDTO",
        &[
            may("Id", Is::IdOrNone),
            may("UserType", Is::Word(UserType::WORDS)),
            may("FirstName", SHORT),
            may("LastName", SHORT),
            may("GCKey", Is::One("GCKey")),
            may("WindowsUserName", SHORT),
            may("Verified", Is::Flag),
            may("PKI", SHORT),
            may("AuthenticationType", SHORT),
            PHONES,
            EMAILS,
            ADDRESSES,
        ],
    ),
    (
        "Phone",
        &[
            may("Id", Is::Int),
            LOCATION,
            PRIMARY,
            may("LocalNumber", NAME),
            may("AreaCode", NAME),
            may("CountryCode", NAME),
            may("ExtensionNumber", NAME),
            may("InternationalAccessNumber", NAME),
            may("InternationalNumber", NAME),
            may("PhoneType", NAME),
            may("DisplayPhoneNumber", NAME),
        ],
    ),
    ("Email", &[may("Id", Is::Int), LOCATION, PRIMARY, must("EmailAddress", NAME)]),
    (
        "Address",
        &[
            may("Id", Is::Int),
            LOCATION,
            PRIMARY,
            may("CoordinateType", NAME),
            may("SubAddressType", NAME),
            may("FloorSectionNumber", NAME),
            may("SuiteApartmentNumber", NAME),
            may("StreetCivicNumber", NAME),
            may("StreetName", NAME),
            may("PostalZipCode", NAME),
            may("BuildingName", NAME),
            may("StreetDirection", NAME),
            may("StreetType", NAME),
            may("CountryCode", Is::Int),
            may("CountrySubdivisionCode", NAME),
            may("DeliveryInstallationArea", NAME),
            may("DeliveryInstallQualifier", NAME),
            may("GenDeliveryCategory", NAME),
            may("RouteServiceType", NAME),
            may("BoxNumber", NAME),
            may("RouteServiceNumber", NAME),
            may("UnregisteredCityTownName", NAME),
            may("DeliveryDirective", NAME),
            may("GeneratedStreetAddress", NAME),
            may("CityTown", NAME),
            may("CityTownName", NAME),
        ],
    ),
    (
        "ServicePermissionDTO",
        &[
            must("PermissionId", Is::Id),
            SERVICE,
            may("PermissionAbbrLbl", NAME),
            may("PermissionEnm", NAME),
            may("PermissionFnm", NAME),
            may("EnglishComment", NAME),
            may("FrenchComment", NAME),
        ],
    ),
    (
        "ServicePreference",
        &[
            must("Key", Is::Chars(100)),
            SERVICE,
            may("EnglishDescription", TEXT),
            may("FrenchDescription", TEXT),
            may("SettingType", TEXT),
            may("Value", TEXT),
        ],
    ),
    ("ServiceSetting", &[must("Key", Is::Chars(100)), SERVICE, may("Value", TEXT)]),
    (
        "UserActivationContext",
        &[
            must("EnrollmentKey", TEXT),
            SERVICE,
            must("AuthenticationContext", Is::One("AuthenticationContext")),
        ],
    ),
    (
        "UserRegistrationContext",
        &[
            must("User", Is::One("RegisteringUser")),
            must("AuthenticationContext", Is::One("AuthenticationContext")),
        ],
    ),
    (
        "RegisteringUser",
        &[
            must("FirstName", TEXT),
            must("LastName", TEXT),
            must("Email", TEXT),
            may("DisplayPhoneNumber", Is::Chars(100)),
        ],
    ),
    ("UserFutureDeactivation", &[USER, SERVICE, ORGANIZATION, must("Date", Is::Date)]),
    ("UserServicePermissionDTO", &[must("PermissionId", Is::Id), SERVICE, ORGANIZATION]),
];
