// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Stands in for OpenLedger's WOPEN: the chain's coin as an ERC-20, the way WETH9 is of ether. Deposits and
/// withdrawals emit no `Transfer`, and the zero address is an account like others.
contract PublishedWopen {
    string public constant name = "Wrapped OPEN";
    string public constant symbol = "WOPEN";
    uint8 public constant decimals = 18;

    mapping(address account => uint256 wad) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 wad)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Deposit(address indexed dst, uint256 wad);
    event Withdrawal(address indexed src, uint256 wad);

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function withdraw(uint256 wad) external {
        balanceOf[msg.sender] -= wad;
        emit Withdrawal(msg.sender, wad);
        (bool paid, ) = msg.sender.call{value: wad}("");
        require(paid);
    }

    function totalSupply() external view returns (uint256) {
        return address(this).balance;
    }

    function approve(address spender, uint256 wad) external returns (bool) {
        allowance[msg.sender][spender] = wad;
        emit Approval(msg.sender, spender, wad);
        return true;
    }

    function transfer(address to, uint256 wad) external returns (bool) {
        return transferFrom(msg.sender, to, wad);
    }

    function transferFrom(address from, address to, uint256 wad) public returns (bool) {
        if (from != msg.sender && allowance[from][msg.sender] != type(uint256).max) allowance[from][msg.sender] -= wad;
        balanceOf[from] -= wad;
        balanceOf[to] += wad;
        emit Transfer(from, to, wad);
        return true;
    }
}
