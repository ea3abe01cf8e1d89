// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";

/// @notice Roles and the pause switch, for every contract of the protocol.
/// @dev The admin is governance's timelock. A guardian can only pause and resume; leaving (withdrawals, claims,
/// unstaking) is never behind the pause.
abstract contract Governed is AccessControl, Pausable, IGoverned {
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");

    constructor(address admin) {
        if (admin == address(0)) revert ZeroAddress();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    function pause() external onlyRole(GUARDIAN_ROLE) {
        _pause();
    }

    /// @notice The guardian or governance resumes the contract.
    function unpause() external {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) _checkRole(GUARDIAN_ROLE);
        _unpause();
    }
}
