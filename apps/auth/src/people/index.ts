import { EndSignIn } from '../oidc/sign-ins/end-sign-in.handler.js';
import { ListApprovals } from '../oidc/sign-ins/list-approvals.handler.js';
import { ListSignIns } from '../oidc/sign-ins/list-sign-ins.handler.js';
import { SignIns } from '../oidc/sign-ins/sign-ins.store.js';
import { WithdrawApproval } from '../oidc/sign-ins/withdraw-approval.handler.js';
import { ListSecurityEvents } from '../security-events/list-security-events.handler.js';
import { RecordRefusal } from '../security-events/record-refusal.handler.js';
import { Directory } from './directory.store.js';
import { ChangePassword } from './password/change-password.handler.js';
import { CreatePasswordLink } from './password/create-password-link.handler.js';
import { PasswordLinks } from './password/password-links.store.js';
import { AddPerson } from './person/add-person.handler.js';
import { ChangePerson } from './person/change-person.handler.js';
import { GetPerson } from './person/get-person.handler.js';
import { ListPeople } from './person/list-people.handler.js';
import { RemovePerson } from './person/remove-person.handler.js';
import { RevokeTokens } from './person/revoke-tokens.handler.js';
import { SignOutPerson } from './person/sign-out-person.handler.js';
import { AddTeam } from './team/add-team.handler.js';
import { ChangeTeam } from './team/change-team.handler.js';
import { GetTeam } from './team/get-team.handler.js';
import { ListTeamMembers } from './team/list-team-members.handler.js';
import { ListTeams } from './team/list-teams.handler.js';
import { RemoveTeam } from './team/remove-team.handler.js';
import { Teams } from './team/teams.store.js';

/** What the admin API asks of people, teams, sign-ins and security events, as the module of this service lists it. */
export const people = {
  handlers: [
    ...[ListPeople, GetPerson, AddPerson, ChangePerson, RemovePerson, SignOutPerson, RevokeTokens],
    ...[CreatePasswordLink, ChangePassword],
    ...[ListTeams, GetTeam, ListTeamMembers, AddTeam, ChangeTeam, RemoveTeam],
    ...[ListSignIns, EndSignIn, ListApprovals, WithdrawApproval],
    ...[ListSecurityEvents, RecordRefusal],
  ],
  stores: [Directory, Teams, PasswordLinks, SignIns],
};
