// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @notice GOPEN: OPEN wrapped one to one into votes. Voting power counts once it is delegated, also to oneself.
contract GOPEN is ERC20, ERC20Permit, ERC20Votes {
    using SafeERC20 for IERC20;

    IERC20 public immutable OPEN;

    event Deposit(address indexed sender, uint256 amt);
    event Withdrawal(address indexed sender, uint256 amt);

    constructor(IERC20 open) ERC20("Governance OpenLedger", "GOPEN") ERC20Permit("Governance OpenLedger") {
        OPEN = open;
    }

    /// @param amt wei of OPEN to wrap; the caller must have approved this contract.
    function deposit(uint256 amt) external {
        OPEN.safeTransferFrom(msg.sender, address(this), amt);
        _mint(msg.sender, amt);
        emit Deposit(msg.sender, amt);
    }

    /// @param amt wei of GOPEN to unwrap.
    function withdraw(uint256 amt) external {
        _burn(msg.sender, amt);
        emit Withdrawal(msg.sender, amt);
        OPEN.safeTransfer(msg.sender, amt);
    }

    /// @dev ERC-6372: votes are timed by timestamp, because block times differ between chains.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}
